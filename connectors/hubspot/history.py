"""Previous values of the mapped contact properties, for `calibrate`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from connectors.hubspot import frames
from connectors.hubspot.answers import following
from connectors.hubspot.mapping import Fields, properties_of
from connectors.hubspot.objects import HISTORY_PAGE, MERGED, Objects, Rows, changes
from connectors.hubspot.settings import HubSpotSettings
from connectors.hubspot.spans import Span, Step, onward
from connectors.hubspot.streams import Followed, Reader
from connectors.hubspot.transport import Transport
from vocabulary.feedback import FEEDBACK
from vocabulary.pages import Stream
from vocabulary.rows import FIELD_HISTORY

HISTORY: Final = Stream("history", "property history", fields=True)


@dataclass(frozen=True, slots=True)
class Past:
    """Reads the versions of properties, 50 contacts per call."""

    transport: Transport
    fields: Fields

    def listed(self, span: Span) -> Step:
        """Read one page of the full listing."""
        query = [("limit", str(HISTORY_PAGE)), ("propertiesWithHistory", ",".join(properties_of(self.fields.contact)))]
        after = span.get("after")
        answer = self.transport.get("objects", [*query, *([("after", str(after))] if after else [])], type="contacts")
        more, rows = following(answer), answer["results"]
        parts = {"history": self._frame(rows)}
        return Step(parts, [] if more is None else [onward(span, more)], len({row["id"] for row in rows}))

    def changed(self, rows: Rows) -> dict[str, Any]:
        """Read the versions of contacts that changed."""
        return {"history": self._frame(self._of([str(row["id"]) for row in rows]))}

    def of_rows(self, rows: Rows) -> pl.DataFrame:
        """Read the versions of those contacts that have a value now: few do."""
        (source,) = self.fields.contact.values()
        return self._frame(self._of([str(row["id"]) for row in rows if row["properties"].get(source.paths[0])]))

    def of_leads(self, leads: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Read the versions of some contacts."""
        yield {"history": self._frame(self._of(leads))}

    def _of(self, ids: Sequence[str]) -> Rows:
        parts = [ids[start : start + HISTORY_PAGE] for start in range(0, len(ids), HISTORY_PAGE)]
        return [row for part in parts for row in self._read(part)]

    def _read(self, ids: Sequence[str]) -> Rows:
        body = {
            "inputs": [{"id": one} for one in ids],
            "properties": MERGED["contacts"],
            "propertiesWithHistory": properties_of(self.fields.contact),
        }
        rows: Rows = self.transport.post("read", body, type="contacts")["results"]
        return rows

    def _frame(self, rows: Rows) -> pl.DataFrame:
        return pl.concat([FIELD_HISTORY.to_frame(), *(self._versions(rows, name) for name in self.fields.contact)])

    def _versions(self, rows: Rows, field: str) -> pl.DataFrame:
        """Return the versions of a field; derived from several properties, those of the first."""
        source = self.fields.contact[field]
        versions = [
            (str(row["id"]), version.get("timestamp"), version.get("value") or None)
            for row in rows
            for version in row["propertiesWithHistory"].get(source.paths[0]) or []  # absent if the portal lacks it
        ]
        columns = {
            "lead": [lead for lead, *_ in versions],
            "field": [field] * len(versions),
            "since": frames.times([at for _, at, _ in versions]),
            "value": [value for *_, value in versions],
            "before": [None] * len(versions),
        }
        return frames.derived(pl.DataFrame(columns, FIELD_HISTORY).drop_nulls("since"), source, self.fields.own)


def of_feedback(transport: Transport, settings: HubSpotSettings, fields: Fields) -> Past | None:
    """Return how to read when feedback was given, where the stream of property history does not bring it."""
    source = fields.contact.get(FEEDBACK)
    if source is None or settings.feedback is None or settings.history:
        return None
    return Past(transport, Fields({FEEDBACK: source}, {}, {FEEDBACK: "text"}, fields.own))


def history(reader: Reader, transport: Transport, fields: Fields) -> Followed:
    """Return the stream of property history."""
    past = Past(transport, fields)
    changed = Objects(transport, "contacts", ("hs_object_id",), "lastmodifieddate")
    taken = past.listed, changes(changed, past.changed)
    return Followed(HISTORY, reader, *taken, changed.count, past.of_leads)
