"""What is wrong with prices, before anything is computed from them."""
