"""The pages of a comparison: the index, a page for each strategy, and their folder."""
