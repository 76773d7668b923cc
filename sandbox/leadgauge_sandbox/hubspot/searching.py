"""The search endpoint: filters, sorting, a window of 10,000 records, and an index that may lag."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from leadgauge_sandbox.hubspot.answers import Answer, Refused, invalid
from leadgauge_sandbox.hubspot.calls import Call, Endpoint
from leadgauge_sandbox.hubspot.objects import View, reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from leadgauge_sandbox.hubspot.portal import Portal
    from leadgauge_sandbox.hubspot.table import Record, Table

MOST: Final = 200
MOST_GROUPS: Final = 6
MOST_IN_GROUP: Final = 10
MOST_FILTERS: Final = 25
LONGEST_QUERY: Final = 3000
UNBOUNDED: Final = 1 << 62
FREE_TEXT: Final = (
    "firstname",
    "lastname",
    "email",
    "phone",
    "company",
    "name",
    "domain",
    "hs_additional_emails",
    "dealname",
)

Comparable = str | Decimal
Seen = tuple["Record", dict[str, str], int]


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition, with values of the property's type."""

    name: str
    operator: str
    kind: str
    value: Comparable | None
    high: Comparable | None
    values: frozenset[Comparable]

    def holds(self, held: dict[str, str]) -> bool:
        """Return whether a record's values satisfy the condition."""
        text = held.get(self.name)
        return OPERATORS[self.operator](self, _comparable(self.kind, text) if text else None)


def _comparable(kind: str, text: str) -> Comparable:
    """Return the sort key of a value: numbers and times as numbers, text in lower case."""
    if kind in {"datetime", "date"}:
        return Decimal(milliseconds(text))
    if kind == "number":
        try:
            return Decimal(text)
        except InvalidOperation:
            raise invalid(f"There was a problem with the request: {text} is not a number.") from None
    return text if kind in {"enumeration", "bool"} else text.casefold()


def milliseconds(text: str) -> int:
    """Read epoch milliseconds or ISO 8601; fractions of a millisecond are ignored."""
    try:
        return int(text)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise invalid(f"There was a problem with the request: {text} is not a timestamp.") from None
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return int(zoned.timestamp()) * 1000 + zoned.microsecond // 1000


def _tokens(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


def _contains(wish: Filter, held: Comparable | None) -> bool:
    """Match whole words; a * at either end of the term matches parts of words."""
    if held is None or wish.value is None:
        return False
    pattern = str(wish.value).strip()
    if "*" in pattern:
        return re.search(re.escape(pattern).replace(r"\*", ".*"), str(held)) is not None
    return _tokens(pattern) <= _tokens(str(held))


def _order(test: Callable[[Any, Any], bool]) -> Callable[[Filter, Comparable | None], bool]:
    return lambda wish, held: held is not None and test(held, wish.value)


OPERATORS: Final[dict[str, Callable[[Filter, Comparable | None], bool]]] = {
    "EQ": lambda wish, held: held == wish.value,
    "NEQ": lambda wish, held: held != wish.value,
    "LT": _order(lambda held, wish: held < wish),
    "LTE": _order(lambda held, wish: held <= wish),
    "GT": _order(lambda held, wish: held > wish),
    "GTE": _order(lambda held, wish: held >= wish),
    "BETWEEN": lambda wish, held: held is not None and wish.value <= held <= wish.high,  # type: ignore[operator]
    "IN": lambda wish, held: held in wish.values,
    "NOT_IN": lambda wish, held: held not in wish.values,
    "HAS_PROPERTY": lambda _, held: held is not None,
    "NOT_HAS_PROPERTY": lambda _, held: held is None,
    "CONTAINS_TOKEN": _contains,
    "NOT_CONTAINS_TOKEN": lambda wish, held: not _contains(wish, held),
}
"""NEQ, NOT_IN and NOT_CONTAINS_TOKEN include the records that lack the property."""


def search(portal: Portal, call: Call) -> Answer:
    """POST /crm/v3/objects/{type}/search."""
    table = portal.table(call["type"])
    body = call.json()
    reading(call, table)
    limit, offset = _bounds(body, portal.search_window)
    groups = _groups(table, body)
    rows = _sorted(table, _matching(portal, table, groups, body.get("query") or ""), body)
    if portal.faults.active("unordered-search"):
        portal.faults.shuffle(rows)
    view = View(table, body.get("properties") or (), search=True)
    answer: dict[str, Any] = {"total": len(rows)}
    end = min(offset + limit, portal.search_window)
    answer["results"] = [view.show(record, held) for record, held, _ in rows[offset:end]]
    if end < len(rows):
        answer["paging"] = {"next": {"after": str(end)}}
    return Answer(answer)


def find_all(portal: Portal, table: Table, wish: dict[str, Any]) -> list[Record]:
    """Return all records that match a search request, in the requested order; exports have no window."""
    found = _sorted(table, _matching(portal, table, _groups(table, wish), wish.get("query") or ""), wish)
    return [record for record, _, _ in found if record.archived_at is None]


def _bounds(body: dict[str, Any], window: int) -> tuple[int, int]:
    limit, after = _whole(body, "limit", 10), _whole(body, "after", 0)
    if not 0 <= limit <= MOST:
        raise invalid(f"There was a problem with the request: limit {limit} must be between 0 and {MOST}.")
    if after >= window:
        raise Refused(
            400, "There was a problem with the request.", errors=[{"message": f"paging beyond {window} results"}]
        )
    return limit, after


def _whole(body: dict[str, Any], name: str, default: int) -> int:
    value = body.get(name)
    if value is None or value == "":
        return default
    try:
        return int(str(value))
    except ValueError:
        raise invalid(f"There was a problem with the request: {name} '{value}' is not a number.") from None


def _groups(table: Table, body: dict[str, Any]) -> list[list[Filter]]:
    """Return the filter groups; a record matches if all filters of any group hold, or there are no groups."""
    given = [group.get("filters") or [] for group in body.get("filterGroups") or ()]
    if body.get("filters"):
        given.append(body["filters"])
    count = sum(len(filters) for filters in given)
    if len(given) > MOST_GROUPS or count > MOST_FILTERS or any(len(filters) > MOST_IN_GROUP for filters in given):
        raise invalid(
            f"There was a problem with the request: more than {MOST_GROUPS} groups or {MOST_FILTERS} filters."
        )
    return [[_filter(table, each) for each in filters] for filters in given]


def _filter(table: Table, wish: dict[str, Any]) -> Filter:
    name, operator = str(wish.get("propertyName", "")), str(wish.get("operator", ""))
    definition = table.definitions.get(name)
    if definition is None or definition.archived:
        raise invalid(
            f"There was a problem with the request. Property {name} does not exist.",
            errors=[
                {
                    "message": f"Property {name} does not exist",
                    "code": "PROPERTY_DOESNT_EXIST",
                    "context": {"propertyName": [name]},
                }
            ],
        )
    if operator not in OPERATORS:
        raise Refused(400, f"Invalid input JSON: operator '{operator}' is not one of {sorted(OPERATORS)}")
    kind = "text" if "TOKEN" in operator else definition.type
    return Filter(
        name,
        operator,
        kind,
        _wish(kind, wish, "value", operator),
        _wish(kind, wish, "highValue", operator),
        frozenset(_comparable(kind, str(value)) for value in wish.get("values") or ()),
    )


NEEDS: Final = {"IN": "values", "NOT_IN": "values", "BETWEEN": "highValue"}


def _wish(kind: str, wish: dict[str, Any], key: str, operator: str) -> Comparable | None:
    value = wish.get(key)
    if value is not None and value != "":
        found = _comparable(kind, str(value))
        if kind == "datetime" and found == 0:
            raise Refused(500, "internal error")
        return found
    needed = key == "highValue" and operator == "BETWEEN"
    if needed or (key == "value" and operator not in {"HAS_PROPERTY", "NOT_HAS_PROPERTY", "IN", "NOT_IN"}):
        raise invalid(f"There was a problem with the request: operator {operator} requires a {key}.")
    return None


def _matching(portal: Portal, table: Table, groups: list[list[Filter]], query: str) -> list[Seen]:
    if len(query) > LONGEST_QUERY:
        raise invalid("There was a problem with the request: query is longer than 3000 characters.")
    words = _tokens(query)
    return [
        seen
        for seen in _candidates(portal, table, groups)
        if (not groups or any(all(each.holds(seen[1]) for each in filters) for filters in groups))
        and (not words or _mentions(seen[1], words))
    ]


def _mentions(held: dict[str, str], words: set[str]) -> bool:
    present = _tokens(" ".join(held.get(name, "") for name in FREE_TEXT))
    return all(any(word.startswith(part) for word in present) for part in words)


def _candidates(portal: Portal, table: Table, groups: list[list[Filter]]) -> Iterable[Seen]:
    """Yield candidate records as the index sees them, bounded by change time if the filters are."""
    now = portal.clock.now()
    low, high = _window(table, groups)
    if len(groups) == 1 and (found := _by_id(table, groups[0])) is not None:
        records: Iterable[Record] = found
    elif (low, high) != (0, UNBOUNDED):
        ids = dict.fromkeys(record_id for _, record_id in table.changed_between(low, high))
        records = (record for record_id in ids if (record := table.records.get(record_id)) is not None)
    else:
        records = table.records.values()
    for record in records:
        values, modified = record.seen(now)
        if values is not None:
            yield record, values, modified


def _by_id(table: Table, filters: list[Filter]) -> list[Record] | None:
    """Return the records found by equality with a unique value, None if no filter has one."""
    for each in filters:
        wanted = [each.value] if each.operator == "EQ" else list(each.values) if each.operator == "IN" else []
        if each.name == "hs_object_id" and wanted:
            found = [table.find(int(str(value))) for value in wanted]
        elif each.name in table.keys and wanted and not table.lag:
            found = [table.find_by(each.name, str(value)) for value in wanted]
        else:
            continue
        return list({record.id: record for record in found if record is not None}.values())
    return None


def _window(table: Table, groups: list[list[Filter]]) -> tuple[int, int]:
    """Return the range of change times of a single filter group."""
    low, high = 0, UNBOUNDED
    for each in groups[0] if len(groups) == 1 else ():
        if each.name != table.kind.modified or not isinstance(each.value, Decimal):
            continue
        bound = int(each.value)
        if each.operator in {"GT", "GTE", "BETWEEN", "EQ"}:
            low = max(low, bound)
        if each.operator in {"LT", "LTE", "EQ"}:
            high = min(high, bound)
        if each.operator == "BETWEEN" and isinstance(each.high, Decimal):
            high = min(high, int(each.high))
    return low, high


def _sorted(table: Table, rows: list[Seen], body: dict[str, Any]) -> list[Seen]:
    """Order by the single allowed sort, by default by creation."""
    sorts = body.get("sorts") or []
    if len(sorts) > 1:
        raise invalid("There was a problem with the request: only one sort is supported.")
    if not sorts:
        rows.sort(key=lambda row: row[0].id)
        return rows
    name, descending = _sort(sorts[0])
    definition = table.definitions.get(name)
    if definition is None:
        raise invalid(f"There was a problem with the request. Property {name} does not exist.")
    if name == table.kind.modified:
        rows.sort(key=lambda row: (row[2], row[0].id), reverse=descending)
    elif name == "hs_object_id":
        rows.sort(key=lambda row: row[0].id, reverse=descending)
    else:
        kind = definition.type
        held = [(_comparable(kind, text), row) for row in rows if (text := row[1].get(name))]
        held.sort(key=lambda pair: (pair[0], pair[1][0].id), reverse=descending)
        rows = [row for _, row in held] + [row for row in rows if not row[1].get(name)]
    return rows


def _sort(wish: Any) -> tuple[str, bool]:
    if isinstance(wish, str):
        return wish.removeprefix("-"), wish.startswith("-")
    return str(wish.get("propertyName", "")), str(wish.get("direction", "ASCENDING")).upper().startswith("DESC")


ENDPOINTS: Final = (Endpoint("POST", "/crm/v3/objects/{type}/search", search),)
