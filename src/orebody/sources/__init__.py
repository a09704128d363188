"""Where bars come from: the embedded sample, folders of CSV files, and from a universe's name to its market."""
