"""Files, worker processes and text: what reads and writes outside the process."""
