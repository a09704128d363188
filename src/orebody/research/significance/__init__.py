"""Is it more than luck? Intervals, counted Sharpe ratios, tests against the metal, overfitting, and strategies without skill."""
