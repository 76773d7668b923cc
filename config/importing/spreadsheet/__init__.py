"""Turn a table of attributes, values and points from a spreadsheet into a scorecard."""

from config.importing.spreadsheet.imported import from_csv

__all__ = ["from_csv"]
