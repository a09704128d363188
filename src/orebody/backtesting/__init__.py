"""Run a strategy in an account, and compare runs with each other and with holding."""
