"""What stands on the pages besides charts: a file for each kind of table."""
