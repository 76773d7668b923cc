"""The objects and fields, and their `describe` results."""
