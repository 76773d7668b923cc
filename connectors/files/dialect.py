"""The dialect of a CSV file: its encoding and what separates its columns, as programs save it."""

import codecs
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from connectors.files.errors import FileError

HEAD: Final = 1_000_000
"""How many bytes are looked at to recognise the encoding."""
SEPARATORS: Final = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
OTHERS: Final = {
    b"PK\x03\x04": "a ZIP archive or an Excel workbook",
    b"\x1f\x8b": "compressed by gzip",
    b"PAR1": "a Parquet file",
    b"%PDF": "a PDF",
}
NAMES: Final = {"cp1252": "Windows-1252", "utf-16": "UTF-16"}
SAVE: Final = "Save it as CSV; in Excel, as 'CSV UTF-8'."
_QUOTED: Final = re.compile(r'"[^"]*"')


@dataclass(frozen=True, slots=True)
class Dialect:
    """What to read, and what was remarkable about it."""

    data: str | io.BytesIO
    """The path, or the content as UTF-8."""
    separator: str
    notes: tuple[str, ...]


def recognised(path: str, content: bytes | None) -> Dialect:
    """Return the dialect of a file, or of the content of a stream.

    What is not UTF-8 is read whole. Windows-1252 is what Excel saves by default in Western countries.
    """
    head = content[:HEAD] if content is not None else _head(path)
    if other := next((name for mark, name in OTHERS.items() if head.startswith(mark)), None):
        raise FileError(f"{path}: is {other}, not CSV. {SAVE}")
    data = path if content is None else io.BytesIO(content)
    encoding = _encoding(head)
    if encoding == "binary":
        raise FileError(f"{path}: is not text, so it is not CSV. {SAVE}")
    if encoding == "utf-8" and not _of_old_macs(head):
        separator, notes = _separator(head.decode("utf-8-sig", errors="replace"))
        return Dialect(data, separator, notes)
    text = _decoded(path, content if content is not None else Path(path).read_bytes(), encoding)
    text = text.replace("\r", "\n") if "\n" not in text else text
    separator, notes = _separator(text[:HEAD])
    odd = () if encoding == "utf-8" else (f"is not UTF-8, and was read as {NAMES[encoding]}",)
    return Dialect(io.BytesIO(text.encode()), separator, (*odd, *notes))


def _head(path: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            return file.read(HEAD)
    except OSError as error:
        raise FileError(f"{path}: cannot be read: {error.strerror or error}.") from error


def _of_old_macs(head: bytes) -> bool:
    """Return whether lines end in carriage returns alone, as Excel for Mac saves 'CSV (Macintosh)'."""
    return b"\r" in head and b"\n" not in head


def _encoding(head: bytes) -> str:
    if head.startswith(UTF_16):
        return "utf-16"
    if b"\0" in head:
        return "binary"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)  # the head may end within a character
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _decoded(path: str, raw: bytes, encoding: str) -> str:
    try:
        return raw.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        raise FileError(
            f"{path}: byte {error.start + 1} is neither UTF-8 nor Windows-1252. Save the file as UTF-8; in Excel, as"
            " 'CSV UTF-8'."
        ) from None


def _separator(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the separator. Commas go first; without any in the header, the most frequent other one."""
    header = _QUOTED.sub("", text.split("\n", 1)[0])
    most = max(SEPARATORS, key=header.count)
    if "," in header or most not in header:
        return ",", ()
    return most, (f"has {SEPARATORS[most]} between its columns",)
