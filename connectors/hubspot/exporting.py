"""Reads a full listing through the exports API: started, looked after, fetched, and paged through on this machine."""

import csv
import shutil
import tempfile
import weakref
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import Any, Final

from connectors.base import Unavailable
from connectors.hubspot.answers import NOT_FOUND, Rejected
from connectors.hubspot.objects import Objects, Rows
from connectors.hubspot.spans import Span, Step

PAGE: Final = 5_000
"""Rows of a page; each page is stored in one transaction."""
_OBJECT_NAMES: Final[Mapping[str, str]] = {"contacts": "CONTACT", "companies": "COMPANY"}
_LONGEST_LOOK: Final = 30.0
_ID: Final = "Record ID"


@dataclass(slots=True, weakref_slot=True, eq=False)
class Export:
    """One way of listing: spans go from `{"task": None}` over a task's number to rows of its files."""

    objects: Objects
    parts: Callable[[Rows], Mapping[str, Any]]
    _files: dict[str, list[Path]] = field(default_factory=dict)
    _open: dict[tuple[str, int, int], Iterator[Mapping[str, Any]]] = field(default_factory=dict)
    """Files that were read up to a row, by task, file and row: the next page goes on there."""

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
        match found.get("status"):
            case "COMPLETE":
                self._fetch(task, str(found["result"]))
                return Step(rest=[{"task": task, "file": span.get("file", 0), "row": span.get("row", 0)}])
            case "PENDING" | "PROCESSING":
                looks = int(span.get("looks", 0))
                self.objects.transport.pause(min(0.25 * 1.5**looks, _LONGEST_LOOK))
                return Step(rest=[{**span, "looks": looks + 1}])
            case other:
                raise Unavailable("HubSpot did not finish an export.", answer=str(other))

    def _fetch(self, task: str, address: str) -> None:
        packed = Path(tempfile.mkdtemp(prefix="leadgauge-")) / "export"
        weakref.finalize(self, shutil.rmtree, packed.parent, ignore_errors=True)
        self.objects.transport.download(address, packed)
        self._files[task] = _unpacked(packed)

    def _read(self, task: str, span: Span) -> Step:
        files, at, first = self._files[task], int(span["file"]), int(span["row"])
        reading = self._open.pop((task, at, first), None) or islice(_rows(files[at]), first, None)
        rows = list(islice(reading, PAGE))
        parts = self.parts(rows)
        if len(rows) == PAGE:
            self._open[task, at, first + PAGE] = reading
            return Step(parts, [{**span, "row": first + PAGE}])
        if at + 1 < len(files):
            return Step(parts, [{**span, "file": at + 1, "row": 0}])
        self._forget(task)
        return Step(parts)

    def _forget(self, task: str) -> None:
        """Remove the files; people's data stays on disk no longer than it takes to read it."""
        shutil.rmtree(self._files.pop(task)[0].parent, ignore_errors=True)


def _unpacked(packed: Path) -> list[Path]:
    if not zipfile.is_zipfile(packed):
        return [packed]
    files = []
    with zipfile.ZipFile(packed) as archive:
        for number, name in enumerate(sorted(archive.namelist())):
            files.append(packed.with_name(f"part-{number}"))
            with archive.open(name) as source, files[-1].open("wb") as target:
                shutil.copyfileobj(source, target)
    packed.unlink()
    return files


def _rows(path: Path) -> Iterator[Mapping[str, Any]]:
    """Yield rows in the shape of the list endpoint, so that the same code turns both into frames."""
    with path.open("rb") as raw, TextIOWrapper(raw, "utf-8-sig", newline="") as text:
        for row in csv.DictReader(text):
            yield {"id": row[_ID], "properties": row}
