"""What the terminal shows, a file for each kind of thing."""
