"""What was downloaded, kept with its vintages: every state that a study saw can be had again."""
