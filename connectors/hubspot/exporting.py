"""Reads a full listing through the exports API: started, looked after, fetched, and paged through on this machine."""

import csv
import os
import tempfile
import time
import weakref
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from io import BufferedReader, RawIOBase, TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final

from connectors.base import Unavailable
from connectors.hubspot.answers import NOT_FOUND, Rejected
from connectors.hubspot.objects import Objects, Rows
from connectors.hubspot.readings import Misshapen
from connectors.hubspot.spans import Span, Step

PAGE: Final = 5_000
"""Rows of a page; each page is stored in one transaction."""
_OBJECT_NAMES: Final[Mapping[str, str]] = {"contacts": "CONTACT", "companies": "COMPANY"}
_LONGEST_LOOK: Final = 30.0
_ID: Final = "Record ID"
_LEFT_BEHIND: Final = "leadgauge-*"
_OLD: Final = 3600.0
"""Seconds after which nobody reads the files of an earlier version any more."""


@dataclass(slots=True, weakref_slot=True, eq=False)
class Export:
    """One way of listing: spans go from `{"task": None}` over a task's number to rows of its files.

    The file holds people's data: it has no name in any folder, so that it goes with this process however that ends.
    """

    objects: Objects
    parts: Callable[[Rows], Mapping[str, Any]]
    _files: dict[str, IO[bytes]] = field(default_factory=dict)
    _open: dict[tuple[str, int, int], Iterator[Mapping[str, Any]]] = field(default_factory=dict)
    """Files that were read up to a row, by task, file and row: the next page goes on there."""

    def __post_init__(self) -> None:
        """Close the files where a listing is given up in their middle."""
        weakref.finalize(self, _close, self._files)

    def take(self, span: Span) -> Step:
        """Do the next step: start, look, fetch, or read a page of what was fetched."""
        task = span.get("task")
        if task is None:
            return Step(rest=[{"task": self._start(), "looks": 0}])
        if task not in self._files:
            return self._look(str(task), span)
        return self._read(str(task), span)

    def _start(self) -> str:
        body = {
            "exportType": "VIEW",
            "exportName": f"leadgauge {self.objects.type}",
            "format": "CSV",
            "language": "EN",
            "objectType": _OBJECT_NAMES[self.objects.type],
            "objectProperties": list(self.objects.properties),
            "associatedObjectType": [],
            "exportInternalValuesOptions": ["NAMES", "VALUES"],
            "overrideAssociatedObjectsPerDefinitionPerRowLimit": False,
        }
        return str(self.objects.transport.post("export", body, repeatable=False)["id"])

    def _look(self, task: str, span: Span) -> Step:
        """Look after the job, the more seldom the longer it takes; one that HubSpot has forgotten is started anew."""
        try:
            found = self.objects.transport.get("export_status", task=task)
        except Rejected as rejected:
            if rejected.complaint.status != NOT_FOUND:
                raise
            return Step(rest=[{"task": None}])
        match found["status"]:
            case "COMPLETE":
                self._fetch(task, found["result"])
                return Step(rest=[{"task": task, "file": span.get("file", 0), "row": span.get("row", 0)}])
            case "PENDING" | "PROCESSING":
                looks = int(span.get("looks", 0))
                self.objects.transport.pause(min(0.25 * 1.5**looks, _LONGEST_LOOK))
                return Step(rest=[{**span, "looks": looks + 1}])
            case other:
                raise Unavailable("HubSpot did not finish an export.", answer=str(other))

    def _fetch(self, task: str, address: str) -> None:
        remove_leftovers()
        file = tempfile.TemporaryFile(prefix="leadgauge-")  # noqa: SIM115 - closed when it is read to its end
        try:
            self.objects.transport.download(address, file, self._check)
        except BaseException:
            file.close()
            raise
        self._files[task] = file

    @staticmethod
    def _check(file: IO[bytes]) -> None:
        """Refuse what is no export: a page of HTML, an empty file, one that was cut."""
        try:
            for part in range(len(_parts(file))):
                header = next(_table(file, part), [])
                if _ID not in header or len(header) == 1:
                    raise Misshapen(f"it is no table with the column {_ID}, and others")
        except _UNREADABLE as error:
            raise Misshapen(f"it is no table: {error}") from None

    def _read(self, task: str, span: Span) -> Step:
        file, at, first = self._files[task], int(span["file"]), int(span["row"])
        reading = self._open.pop((task, at, first), None) or islice(_rows(file, at), first, None)
        try:
            rows = list(islice(reading, PAGE))
        except _UNREADABLE as error:
            self._forget(task)
            raise Unavailable(
                "The file of an export cannot be read.", answer=str(error), remedy="The next pass fetches it again."
            ) from None
        parts = self.parts(rows)
        if len(rows) == PAGE:
            self._open[task, at, first + PAGE] = reading
            return Step(parts, [{**span, "row": first + PAGE}], len(rows))
        if at + 1 < len(_parts(file)):
            return Step(parts, [{**span, "file": at + 1, "row": 0}], len(rows))
        self._forget(task)
        return Step(parts, rows=len(rows))

    def _forget(self, task: str) -> None:
        """Drop the file; people's data stays on disk no longer than it takes to read it."""
        self._files.pop(task).close()


_UNREADABLE: Final = (csv.Error, KeyError, UnicodeDecodeError, zipfile.BadZipFile, zlib.error, EOFError)
"""What reading a file raises that is no export, or was cut."""


def _close(files: dict[str, IO[bytes]]) -> None:
    for file in files.values():
        file.close()


def remove_leftovers() -> None:
    """Remove what earlier versions left in the temporary folder when they were killed: files of people's data."""
    for folder in Path(tempfile.gettempdir()).glob(_LEFT_BEHIND):
        with suppress(OSError):
            found = folder.lstat()
            if found.st_uid == os.getuid() and time.time() - found.st_mtime > _OLD and folder.is_dir():
                _remove(folder)


def _remove(folder: Path) -> None:
    for file in [*folder.glob("export"), *folder.glob("part-*")]:
        file.unlink()
    folder.rmdir()


def _parts(file: IO[bytes]) -> list[str]:
    """Return the names of the tables in a file: one without a name, or those of an archive."""
    file.seek(0)
    if not zipfile.is_zipfile(file):
        return [""]
    with zipfile.ZipFile(file) as archive:
        return sorted(archive.namelist())


def _table(file: IO[bytes], part: int) -> Iterator[list[str]]:
    """Yield the lines of a table; several may be read at the same time."""
    name, own = _parts(file)[part], BufferedReader(_View(file.fileno()))
    with zipfile.ZipFile(own).open(name) if name else own as raw, TextIOWrapper(raw, "utf-8-sig", newline="") as text:
        yield from csv.reader(text, strict=True)


def _rows(file: IO[bytes], part: int) -> Iterator[Mapping[str, Any]]:
    """Yield rows in the shape of the list endpoint, so that the same code turns both into frames."""
    lines = _table(file, part)
    header = next(lines)
    for line in filter(None, lines):
        row = dict(zip(header, line, strict=False))
        if len(line) != len(header) or not row[_ID].isdecimal():
            raise csv.Error(f"a line has {len(line)} of {len(header)} columns, or no id")
        yield {"id": row[_ID], "properties": row}


class _View(RawIOBase):
    """An open file once more, with a position of its own: a file without a name cannot be opened again."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor, self._at = descriptor, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: os.fstat(self._descriptor).st_size}[whence]
        self._at = start + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        found = os.pread(self._descriptor, len(buffer), self._at)
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)
