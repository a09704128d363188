"""Terminal and JSON output, a file for each kind of result."""
