"""Reads CRM objects: all of them by the list endpoint, changed ones by search.

Search pages by the object's id inside a window of time, never by offset and never by time: ids do not change, so a
record that is modified meanwhile shifts nobody past the reader; neither ten thousand results in a window nor ten
thousand in one millisecond are a limit; and the order by modification time, which HubSpot does not keep, does not
matter.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from connectors.hubspot.answers import following
from connectors.hubspot.spans import Span, Step, onward
from connectors.hubspot.transport import Transport

Rows = Sequence[Mapping[str, Any]]
LIST_PAGE: Final = 100
HISTORY_PAGE: Final = 50
SEARCH_PAGE: Final = 200
LONGEST_QUERY: Final = 6_000
"""Characters of property names in a URL; HubSpot answers 414 to longer URLs, and they are read by POST instead."""


@dataclass(frozen=True, slots=True)
class Objects:
    """One type of CRM object with the properties to read."""

    transport: Transport
    type: str
    properties: tuple[str, ...]
    modified: str = "hs_lastmodifieddate"
    associations: str = ""

    def page(self, after: str | None, *, archived: bool = False) -> tuple[Rows, str | None]:
        """Return one page of the full listing, and where the next begins."""
        answer = self.transport.get("objects", self._query(after, archived=archived), type=self.type)
        rows = _distinct(answer["results"])
        if self._too_long and not archived:
            rows = self.read([str(row["id"]) for row in rows])
        return rows, following(answer)

    def search(self, span: Span) -> tuple[Rows, list[Span]]:
        """Return one page of what was modified in a window, and the spans of the rest."""
        answer = self.transport.post("search", self._changed(span), type=self.type)
        rows = answer["results"]
        if len(rows) >= answer["total"]:
            return rows, []
        return rows, _after(span, [int(row["id"]) for row in rows])

    def read(self, ids: Sequence[str]) -> Rows:
        """Return objects by id, as far as they exist, however many property names there are."""
        found: list[Mapping[str, Any]] = []
        for start in range(0, len(ids), LIST_PAGE):
            inputs = [{"id": one} for one in ids[start : start + LIST_PAGE]]
            body = {"inputs": inputs, "properties": self.properties, "propertiesWithHistory": []}
            found += self.transport.post("read", body, type=self.type)["results"]
        return found

    def extent(self) -> tuple[int, int]:
        """Return how many objects there are and the greatest id, by one search."""
        body = {
            "filterGroups": [],
            "sorts": [{"propertyName": "hs_object_id", "direction": "DESCENDING"}],
            "properties": ["hs_object_id"],
            "limit": 1,
        }
        answer = self.transport.post("search", body, type=self.type)
        return int(answer["total"]), max((int(row["id"]) for row in answer["results"]), default=0)

    def count(self) -> int:
        """Return how many objects HubSpot's search counts."""
        return self.extent()[0]

    @property
    def _too_long(self) -> bool:
        return len(",".join(self.properties)) > LONGEST_QUERY

    def _query(self, after: str | None, *, archived: bool) -> list[tuple[str, str]]:
        query = [("limit", str(LIST_PAGE)), ("archived", str(archived).lower())]
        if self.properties and not self._too_long:
            query.append(("properties", ",".join(self.properties)))
        if self.associations:
            query.append(("associations", self.associations))
        return query if after is None else [*query, ("after", after)]

    def _changed(self, span: Span) -> dict[str, Any]:
        low, high = str(span["low"]), span.get("high")
        until = {"operator": "GTE"} if high is None else {"operator": "BETWEEN", "highValue": str(high)}
        filters = [{"propertyName": self.modified, "value": low, **until}]
        bounds = {"GT": span.get("above"), "LTE": span.get("up_to")}
        filters += [
            {"propertyName": "hs_object_id", "operator": operator, "value": str(bound)}
            for operator, bound in bounds.items()
            if bound
        ]
        return {
            "filterGroups": [{"filters": filters}],
            "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
            "properties": self.properties,
            "limit": SEARCH_PAGE,
        }


def _after(span: Span, ids: list[int]) -> list[Span]:
    """Return what follows a page: higher ids; where HubSpot did not keep the order, both halves around its middle."""
    if ids == sorted(ids):
        return [{**span, "above": ids[-1]}]
    middle = sorted(set(ids))[len(set(ids)) // 2 - 1]
    return [{**span, "up_to": middle}, {**span, "above": middle}]


def _distinct(rows: Rows) -> Rows:
    """Return each record once: pages repeat some now and then, and repeated ones would hide that others are missing."""
    return rows if len(found := {row["id"]: row for row in rows}) == len(rows) else list(found.values())


def listing(objects: Objects, parts: Callable[[Rows], Mapping[str, Any]]) -> Callable[[Span], Step]:
    """Return the step that reads one page of a full listing, ending at the span's `end` where it has one."""

    def take(span: Span) -> Step:
        rows, after = objects.page(span.get("after"))
        end = span.get("end")
        if end is not None and rows and int(rows[-1]["id"]) >= int(end):
            rows, after = [row for row in rows if int(row["id"]) < int(end)], None
        return Step(parts(rows), [onward(span, after)] if after is not None else [], len(rows))

    return take


def changes(objects: Objects, parts: Callable[[Rows], Mapping[str, Any]], pages: int = 1) -> Callable[[Span], Step]:
    """Return the step that reads up to so many pages of what changed in a window."""

    def take(span: Span) -> Step:
        found: list[Mapping[str, Any]] = []
        rest: list[Span] = [span]
        for _ in range(pages):
            rows, more = objects.search(rest[0])
            found += rows
            rest = [*more, *rest[1:]]
            if not rest:
                break
        return Step(parts(found), rest)

    return take
