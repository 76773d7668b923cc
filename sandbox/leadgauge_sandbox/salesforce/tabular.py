"""CSV as the Bulk API reads and writes it."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import polars as pl

from leadgauge_sandbox.salesforce.errors import SalesforceError
from leadgauge_sandbox.salesforce.schema.field import TIME

DELIMITERS: Final = {
    "COMMA": ",",
    "BACKQUOTE": "`",
    "CARET": "^",
    "PIPE": "|",
    "SEMICOLON": ";",
    "TAB": "\t",
}
LINE_ENDINGS: Final = {"LF": "\n", "CRLF": "\r\n"}
TIME_FORMAT: Final = "%Y-%m-%dT%H:%M:%S.000Z"
NULL: Final = "#N/A"
"""The cell value that clears a field; an empty cell leaves it unchanged."""


def write_frame(frame: pl.DataFrame, delimiter: str, line_ending: str) -> bytes:
    """Write rows with quotes around every value and header."""
    return frame.write_csv(
        separator=DELIMITERS[delimiter],
        line_terminator=LINE_ENDINGS[line_ending],
        quote_style="always",
        datetime_format=TIME_FORMAT,
    ).encode()


def formatted(frame: pl.DataFrame) -> pl.DataFrame:
    """Format the values as in bulk results."""
    return frame.with_columns(
        pl.col(name).dt.strftime(TIME_FORMAT) for name, dtype in frame.schema.items() if dtype == TIME
    )


def check_line_ending(content: bytes, declared: str) -> None:
    """Refuse rows whose header has another line ending than the job."""
    header, found, _ = content.partition(b"\n")
    if found and header.endswith(b"\r") != (declared == "CRLF"):
        message = f"LineEnding is invalid on user data. Current LineEnding setting is {declared}"
        raise SalesforceError("InvalidBatch", message)


def read_rows(content: bytes, delimiter: str) -> tuple[list[str], list[list[str]]]:
    """Return header and rows; raises ValueError if the bytes are not a valid table."""
    text = content.decode("utf-8-sig")
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))  # global, so never reduced
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=DELIMITERS[delimiter], strict=True)
    try:
        rows = [row for row in lines if row]
    except csv.Error as error:
        raise ValueError(str(error)) from None
    if not rows:
        raise ValueError("no header")
    return [name.strip() for name in rows[0]], rows[1:]


def cells(header: Sequence[str], row: Sequence[str]) -> dict[str, Any]:
    """Return the values set by a row; a column such as `Account.Key__c` refers to a parent by external id."""
    values: dict[str, Any] = {}
    for name, cell in zip(header, row, strict=True):
        if not cell:
            continue
        value = None if cell == NULL else cell
        relation, dot, key = name.partition(".")
        if dot and isinstance(value, str):
            values[relation] = {key: value}
        else:
            values[name] = value
    return values


def write_results(
    first: Mapping[str, Sequence[str]],
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    delimiter: str,
    ending: str,
) -> bytes:
    """Write result columns before the client's; only their headers are quoted, but all values are."""
    separator = DELIMITERS[delimiter]
    out = io.StringIO()
    out.write(separator.join([*(f'"{name}"' for name in first), *header]) + LINE_ENDINGS[ending])
    writer = csv.writer(out, delimiter=separator, lineterminator=LINE_ENDINGS[ending], quoting=csv.QUOTE_ALL)
    writer.writerows([*added, *row] for *added, row in zip(*first.values(), rows, strict=True))
    return out.getvalue().encode()
