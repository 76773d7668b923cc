"""Read CRM objects: all of them through the list endpoint, changed ones through search.

Search is paged by object id within a window of time, never by offset or by modification time:

- Ids do not change, so a record modified meanwhile cannot shift others past the reader.
- A query returns at most 10,000 results (https://developers.hubspot.com/docs/api/crm/search, 2026-11), and HubSpot's
  batch jobs stamp more records than that with the same millisecond (https://github.com/airbytehq/airbyte/issues/43317).
- HubSpot does not reliably sort by modification time (https://github.com/estuary/connectors/pull/5180).

The list endpoint reads the records themselves rather than the search index, so it does not lag. It returns ascending
ids, so records created during a listing appear at its end.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from connectors.hubspot.answers import following
from connectors.hubspot.filtering import Filters, changed
from connectors.hubspot.spans import Span, Step, onward
from connectors.hubspot.transport import Transport

Rows = Sequence[Mapping[str, Any]]
LIST_PAGE: Final = 100
# "The maximum number of inputs supported in a batch request for property histories is 50":
# https://github.com/PipedreamHQ/pipedream/pull/8462 (2026-11).
HISTORY_PAGE: Final = 50
SEARCH_PAGE: Final = 200  # the maximum: https://developers.hubspot.com/docs/api/crm/search (2026-11)
_IDS: Final = "hs_merged_object_ids"
MERGED: Final[Mapping[str, tuple[str, ...]]] = {
    "contacts": (_IDS, "hs_calculated_merged_vids"),
    "companies": (_IDS,),
    "deals": (_IDS,),
}
"""The properties that name the records that were merged into one, by type. Every reading by id asks for them: HubSpot
answers the id of a merged record with its survivor, which could not be told from an answer that leaves records out."""
LONGEST_QUERY: Final = 6_000
"""Characters of property names in a URL. HubSpot answers longer URLs with 414, so longer lists are sent by POST."""


@dataclass(frozen=True, slots=True)
class Objects:
    """One type of CRM object with the properties to read."""

    transport: Transport
    type: str
    properties: tuple[str, ...]
    modified: str = "hs_lastmodifieddate"
    associations: str = ""
    only: Filters = ()
    """Filters of what a search finds."""

    def page(self, after: str | None, *, archived: bool = False) -> tuple[Rows, str | None]:
        """Return one page of the full listing, and the token of the next."""
        answer = self.transport.get("objects", self._query(after, archived=archived), type=self.type)
        rows = _distinct(answer["results"])
        if self._too_long and not archived:
            rows = self.read([str(row["id"]) for row in rows])
        return rows, following(answer)

    def search(self, span: Span) -> tuple[Rows, list[Span]]:
        """Return one page of the records modified in a window, and the spans that remain."""
        answer = self.transport.post("search", self._changed(span), type=self.type)
        rows = answer["results"]
        if len(rows) >= answer["total"]:  # `total` counts all matches, also beyond 10,000
            return rows, []
        return rows, _after(span, [int(row["id"]) for row in rows])

    def read(self, ids: Sequence[str], *, archived: bool = False) -> Rows:
        """Return the objects that exist, or those in the bin, by id. Any number of property names is allowed."""
        query = [("archived", "true")] if archived else []
        found: list[Mapping[str, Any]] = []
        properties = list(dict.fromkeys((*self.properties, *MERGED.get(self.type, ()))))
        for start in range(0, len(ids), LIST_PAGE):
            inputs = [{"id": one} for one in ids[start : start + LIST_PAGE]]
            body = {"inputs": inputs, "properties": properties, "propertiesWithHistory": []}
            found += self.transport.post("read", body, query=query, type=self.type)["results"]
        return found

    def extent(self) -> tuple[int, int]:
        """Return the number of objects and the greatest id, by one search."""
        body = {
            "filterGroups": [],
            "sorts": [{"propertyName": "hs_object_id", "direction": "DESCENDING"}],
            "properties": ["hs_object_id"],
            "limit": 1,
        }
        answer = self.transport.post("search", body, type=self.type)
        return int(answer["total"]), max((int(row["id"]) for row in answer["results"]), default=0)

    def count(self) -> int:
        """Return the number of objects according to HubSpot's search."""
        return self.extent()[0]

    def count_where(self, filters: Filters) -> int:
        """Return the number of objects that HubSpot's search finds."""
        body = {
            "filterGroups": [{"filters": filters}],
            "sorts": [{"propertyName": "hs_object_id", "direction": "DESCENDING"}],
            "properties": ["hs_object_id"],
            "limit": 1,
        }
        return int(self.transport.post("search", body, type=self.type)["total"])

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
        return {
            "filterGroups": [{"filters": [*group, *self.only]} for group in changed(self.modified, span)],
            "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
            "properties": self.properties,
            "limit": SEARCH_PAGE,
        }


def _after(span: Span, ids: list[int]) -> list[Span]:
    """Return the spans after a page: higher ids or, if the page was not sorted, both halves around its median id."""
    if ids == sorted(ids):
        return [{**span, "above": ids[-1]}]
    middle = sorted(set(ids))[len(set(ids)) // 2 - 1]
    return [{**span, "up_to": middle}, {**span, "above": middle}]


def _distinct(rows: Rows) -> Rows:
    """Return each record once, because repeated records in a page would hide that others are missing."""
    return rows if len(found := {row["id"]: row for row in rows}) == len(rows) else list(found.values())


def listing(objects: Objects, parts: Callable[[Rows], Mapping[str, Any]]) -> Callable[[Span], Step]:
    """Return the step that reads one page of a full listing, up to the span's `end` if it has one."""

    def take(span: Span) -> Step:
        rows, after = objects.page(span.get("after"))
        end = span.get("end")
        if end is not None and rows and int(rows[-1]["id"]) >= int(end):
            rows, after = [row for row in rows if int(row["id"]) < int(end)], None
        return Step(parts(rows), [onward(span, after)] if after is not None else [], len(rows))

    return take


def changes(objects: Objects, parts: Callable[[Rows], Mapping[str, Any]], pages: int = 1) -> Callable[[Span], Step]:
    """Return the step that reads up to `pages` pages of the changes in a window."""

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
