"""Write many rows through the imports API. Rows that it rejects are retried by batch, which reports why."""

import csv
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any, Final

import orjson

from connectors.hubspot.answers import NotGranted
from connectors.hubspot.transport import Transport
from connectors.hubspot.writing import Writer, wire
from vocabulary.writes import Pushed, Row

logger = logging.getLogger(__name__)

MOST_ROWS: Final = 1_000_000
"""Rows per file; HubSpot accepts 1,048,576."""
_ID: Final = "Record ID"
_LONGEST_LOOK: Final = 30.0
_ERRORS_PAGE: Final = 1000


@dataclass(frozen=True, slots=True)
class Importer:
    """Sends unique rows as a file, waits for the job, and passes the rest to the writer."""

    transport: Transport
    writer: Writer

    def push(self, rows: Sequence[Row]) -> Iterator[Sequence[Pushed]]:
        """Write rows by import where possible, the others by batch."""
        fitting, others = _sorted_out(rows)
        for start in range(0, len(fitting), MOST_ROWS):
            part = fitting[start : start + MOST_ROWS]
            left = self._import(part)
            leads = {row.lead for row in left}
            yield [Pushed(row.lead) for row in part if row.lead not in leads]
            others = [*left, *others]
        yield from self.writer.push(others)

    def _import(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Import rows and return those that were rejected, or all of them if the token may not import."""
        try:
            task = str(self.transport.upload("imports", self._form(rows))["id"])
        except NotGranted as denial:
            logger.warning("Rows are written by batch, as imports are not granted: %s", denial)
            return rows
        if not self._finished(task):
            return rows
        refused = set(self._refused(task))
        return [row for row in rows if row.lead in refused]

    def _form(self, rows: Sequence[Row]) -> list[tuple[str, Any]]:
        # Form fields and column mappings: https://developers.hubspot.com/docs/api/crm/imports?lang=en-US (2026-11).
        names = list(rows[0].values)
        object_ = self.writer.target.id
        columns = [{"columnObjectTypeId": object_, "columnName": _ID, "idColumnType": "HUBSPOT_OBJECT_ID"}]
        columns += [{"columnObjectTypeId": object_, "columnName": name, "propertyName": name} for name in names]
        file = {"fileName": "scores.csv", "fileFormat": "CSV", "dateFormat": "YEAR_MONTH_DAY"}
        page = {"hasHeader": True, "columnMappings": columns}
        request = {
            "name": "leadgauge",
            "importOperations": {object_: "UPDATE"},
            "files": [{**file, "fileImportPage": page}],
        }
        content = self._csv(names, rows)
        return [("importRequest", orjson.dumps(request).decode()), ("files", ("scores.csv", content, "text/csv"))]

    def _csv(self, names: Sequence[str], rows: Sequence[Row]) -> bytes:
        text = StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow([_ID, *names])
        decimals = self.writer.decimals
        writer.writerows([row.lead, *(wire(row.values[name], decimals.get(name, 0)) for name in names)] for row in rows)
        return text.getvalue().encode()

    def _finished(self, task: str) -> bool:
        """Wait for the job, and return whether it completed."""
        seconds = 0.25
        while (state := self.transport.get("import", task=task)["state"]) != "DONE":
            if state in {"FAILED", "CANCELED", "REVERTED"}:
                logger.warning("HubSpot ended an import as %s; its rows are written by batch.", state)
                return False
            self.transport.pause(seconds)
            seconds = min(seconds * 1.5, _LONGEST_LOOK)
        return True

    def _refused(self, task: str) -> Iterator[str]:
        """Yield the id of each rejected row, which is the first cell of its line."""
        for error in self.transport.pages("import_errors", [("limit", str(_ERRORS_PAGE))], task=task):
            yield from map(str, ((error.get("sourceData") or {}).get("rowData") or [])[:1])


def _sorted_out(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Split off the rows that an import can write: one row per lead, all with the same properties, none of them empty.

    An empty cell would leave the property unchanged.
    """
    fitting: dict[str, Row] = {}
    others: list[Row] = []
    names = set(rows[0].values) if rows else set()
    for row in rows:
        whole = set(row.values) == names and all(value not in (None, "") for value in row.values.values())
        if whole and row.lead not in fitting:
            fitting[row.lead] = row
        else:
            others.append(row)
    return list(fitting.values()), others
