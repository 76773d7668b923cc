"""Parses and runs SOQL."""
