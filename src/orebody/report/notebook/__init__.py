"""What a notebook shows of a market, a run, a comparison and a sweep."""
