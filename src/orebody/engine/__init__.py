"""Engines: how decisions become fills, cash and units. The backtrader engine is the reference."""
