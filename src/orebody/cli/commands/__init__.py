"""One file for each command; heavy imports wait until it runs."""
