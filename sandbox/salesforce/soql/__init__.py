"""Reads and answers SOQL."""
