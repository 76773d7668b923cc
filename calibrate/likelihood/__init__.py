"""Turns points into a chance to convert, says how far it may be off and whether it still holds."""
