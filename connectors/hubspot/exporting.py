"""Read a full listing through the exports API: start a job, poll it, download the file and page through it locally."""

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
"""Rows per page; each page is stored in one transaction."""
_OBJECT_NAMES: Final[Mapping[str, str]] = {"contacts": "CONTACT", "companies": "COMPANY"}
_LONGEST_LOOK: Final = 30.0
_ID: Final = "Record ID"
_LEFT_BEHIND: Final = "leadgauge-*"
_OLD: Final = 3600.0
"""Seconds after which no process can still be reading files left by an earlier version."""


@dataclass(slots=True, weakref_slot=True, eq=False)
class Export:
    """A listing by export. Its spans go from `{"task": None}` to a task's id, then to rows of its files.

    The file contains personal data, so it is an unlinked temporary file, which disappears with this process.
    """

    objects: Objects
    parts: Callable[[Rows], Mapping[str, Any]]
    _files: dict[str, IO[bytes]] = field(default_factory=dict)
    _open: dict[tuple[str, int, int], Iterator[Mapping[str, Any]]] = field(default_factory=dict)
    """Open readers by task, file and next row; the next page continues with them."""

    def __post_init__(self) -> None:
        """Close the files if a listing is abandoned."""
        weakref.finalize(self, _close, self._files)

    def take(self, span: Span) -> Step:
        """Do the next step: start the job, poll it, download the file, or read a page of it."""
        task = span.get("task")
        if task is None:
            return Step(rest=[{"task": self._start(), "looks": 0}])
        if task not in self._files:
            return self._look(str(task), span)
        return self._read(str(task), span)

    def _start(self) -> str:
        # Fields: https://developers.hubspot.com/docs/api/crm/exports (2026-11).
        body = {
            "exportType": "VIEW",
            "exportName": f"leadgauge {self.objects.type}",
            "format": "CSV",
            "language": "EN",
            "objectType": _OBJECT_NAMES[self.objects.type],
            "objectProperties": list(self.objects.properties),
            "associatedObjectType": [],
            "exportInternalValuesOptions": ["NAMES", "VALUES"],
            "overrideAssociatedObjectsPerDefinitionPerRowLimit": False,  # no associations are exported
        }
        return str(self.objects.transport.post("export", body, repeatable=False)["id"])

    def _look(self, task: str, span: Span) -> Step:
        """Poll the job with increasing pauses. Start a new one if HubSpot no longer knows it."""
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
        file = tempfile.TemporaryFile(prefix="leadgauge-")  # noqa: SIM115 - closed once read to the end
        try:
            self.objects.transport.download(address, file, self._check)
        except BaseException:
            file.close()
            raise
        self._files[task] = file

    @staticmethod
    def _check(file: IO[bytes]) -> None:
        """Raise `Misshapen` if the file is not an export but an HTML page, empty or truncated."""
        try:
            for part in range(len(_parts(file))):
                header = next(_table(file, part), [])
                if _ID not in header or len(header) == 1:
                    raise Misshapen(f"it is not a table with the column {_ID} and others")
        except _UNREADABLE as error:
            raise Misshapen(f"it is not a table: {error}") from None

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
        """Close and so delete the file; personal data stays on disk only as long as it is being read."""
        self._files.pop(task).close()


_UNREADABLE: Final = (csv.Error, KeyError, UnicodeDecodeError, zipfile.BadZipFile, zlib.error, EOFError)
"""Errors raised when reading a file that is not an export, or is truncated."""


def _close(files: dict[str, IO[bytes]]) -> None:
    for file in files.values():
        file.close()


def remove_leftovers() -> None:
    """Remove files with personal data that earlier versions left in the temporary folder when they were killed."""
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
    """Return the names of the tables in a file: `""` for a plain CSV, or the members of an archive.

    HubSpot delivers exports over one million rows as a zip of several files:
    https://developers.hubspot.com/changelog/crm-export-partitioning-and-association-limits (2026-11).
    """
    file.seek(0)
    if not zipfile.is_zipfile(file):
        return [""]
    with zipfile.ZipFile(file) as archive:
        return sorted(archive.namelist())


def _table(file: IO[bytes], part: int) -> Iterator[list[str]]:
    """Yield the lines of a table. Several tables can be read at the same time."""
    name, own = _parts(file)[part], BufferedReader(_View(file.fileno()))
    with zipfile.ZipFile(own).open(name) if name else own as raw, TextIOWrapper(raw, "utf-8-sig", newline="") as text:
        yield from csv.reader(text, strict=True)


def _rows(file: IO[bytes], part: int) -> Iterator[Mapping[str, Any]]:
    """Yield rows in the shape of the list endpoint, so that the same code converts both to frames."""
    lines = _table(file, part)
    header = next(lines)
    for line in filter(None, lines):
        row = dict(zip(header, line, strict=False))
        if len(line) != len(header) or not row[_ID].isdecimal():
            raise csv.Error(f"a line has {len(line)} of {len(header)} columns, or no id")
        yield {"id": row[_ID], "properties": row}


class _View(RawIOBase):
    """A view of an open file with its own position, because an unlinked file cannot be opened again."""

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
