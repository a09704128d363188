"""Checks of ``orebody doctor``, a file for each kind."""
