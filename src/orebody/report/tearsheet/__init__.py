"""The tearsheet of one run."""
