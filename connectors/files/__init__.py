"""Leads and activities in CSV and Parquet files, chosen by extension. `-` is a standard stream, as CSV."""

from connectors.files.errors import FileError
from connectors.files.reading import Table
from connectors.files.sources import STREAM, ending
from connectors.files.writing import Writer

__all__ = ["STREAM", "FileError", "Table", "Writer", "ending"]
