"""Leads and activities in CSV and Parquet files, chosen by extension. `-` is a standard stream, as CSV."""

from connectors.files.dates import Order
from connectors.files.errors import FileError
from connectors.files.headings import Columns
from connectors.files.reading import Table
from connectors.files.sources import STREAM, ending
from connectors.files.writing import Writer

__all__ = ["STREAM", "Columns", "FileError", "Order", "Table", "Writer", "ending"]
