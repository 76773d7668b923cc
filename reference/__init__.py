"""Writes the pages of reference in `docs/` that follow from the code: commands, output fields, metrics, errors."""
