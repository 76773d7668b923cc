"""Rows of a table about what leads do as rules."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from config.importing.card import Line, MadeRule, Note, plain
from config.importing.findings import Findings, NotCarriedError
from config.importing.spreadsheet.activities import kind_of
from config.importing.spreadsheet.leads import left_out, name_of
from config.importing.spreadsheet.options import decay, length, limit
from config.importing.spreadsheet.reading import Row
from config.importing.spreadsheet.values import Value, entries, numbered, value
from config.kinds import KINDS
from config.text import Plain

_PAGE: Final = re.compile(r"([\w-]+) (?:web ?)?page", re.IGNORECASE)
_OPTIONS: Final = ("within", "half_life", "decay", "limit", "maximum")


class Doing:
    """The rows about one thing that leads do."""

    def __init__(self, name: str, findings: Findings) -> None:
        self.name, self.findings = name, findings
        self.rows: list[tuple[Row, float]] = []

    def lines(self) -> Iterator[Line]:
        """Yield the rules, and a comment for each row that gives none."""
        counted: list[tuple[Row, Value, float]] = []
        for row, points in self.rows:
            found = value(row["value"]) if row["value"] else None
            if found and found.type == "number":
                counted.append((row, found, points))
            else:
                yield self._one(row, points)
        if counted:
            yield from self._by_count(counted)

    def _one(self, row: Row, points: float) -> Line:
        """Return the rule of one row."""
        try:
            options = _options(row)
        except NotCarriedError as why:
            return self._left_out(row, str(why))
        if not points:
            return left_out(self.findings, row, f"{self._called(row)} gives 0 points", loses=False)
        return MadeRule(
            {"name": self._called(row), "activity": self._activity(row), "points": plain(points), **options}
        )

    def _by_count(self, counted: Sequence[tuple[Row, Value, float]]) -> Iterator[Line]:
        """Yield a rule that gives points for how many there are."""
        points: dict[str, Any] = {}
        taken: list[tuple[int, int | None, Row]] = []
        for row, found, given in counted:
            span = _counts(found)
            other = next((one for start, end, one in taken if span and _overlap(span, (start, end))), None)
            if span is None:
                yield self._left_out(row, f"'{row['value']}' is no number of times")
            elif other:
                yield self._left_out(row, f"'{row['value']}' is already in '{other['value']}' of {other.place}")
            else:
                taken.append((*span, row))
                points[_key(*span)] = plain(given)
        first = counted[0][0]
        try:
            options = _options(first)
        except NotCarriedError as why:
            yield self._left_out(first, str(why))
            return
        if points:
            yield MadeRule({"name": self.name, "activity": {"kind": self._kind(first)}, "points": points, **options})

    def _called(self, row: Row) -> str:
        said = " ".join(entries(row["value"])) if row["value"] else ""
        return f"{self.name}: {said}"[:80] if said else self.name

    def _activity(self, row: Row) -> Mapping[str, Any]:
        kind = self._kind(row)
        asked = entries(row["value"]) if row["value"] else []
        if kind == "page_view":
            asked = asked or self._guessed_page()
            return {"kind": kind, **_holding("url", asked)}
        return {"kind": kind, **_holding("name", [] if asked == [self.name] else asked)}

    def _guessed_page(self) -> list[str]:
        """Return the page that the name of the row tells: `Pricing page` is one with *pricing* in its address."""
        found = _PAGE.search(self.name)
        if not found or found[1].lower() in {"any", "web", "the", "a", "every", "of", "website", "key"}:
            return []
        self.findings.told(f"rows on '{self.name}'", f"read as pages with '{found[1].lower()}' in their address")
        return [found[1].lower()]

    def _kind(self, row: Row) -> str:
        """Return the kind that a row names, or that its words tell; else one of its own."""
        if row["kind"]:
            return name_of(row["kind"])
        found = kind_of(self.name)
        if found is None:
            found = name_of(self.name)
            if found not in KINDS:
                message = f"the kind `{found}` is one of its own: the settings say what becomes it"
                self.findings.told(f"rows on '{self.name}'", message)
        return found

    def _left_out(self, row: Row, why: str) -> Note:
        return left_out(self.findings, row, f"{self.name}: {why}")


def _holding(column: str, asked: Sequence[str]) -> Mapping[str, Any]:
    if not asked:
        return {}
    return {column: {"contains": asked[0]} if len(asked) == 1 else {"contains_any": list(asked)}}


def _options(row: Row) -> dict[str, Any]:
    """Return how often a row counts and how it fades. Raise NotCarriedError for what cannot be read."""
    found: dict[str, Any] = {}
    if row["half_life"]:
        found["half_life"] = length(row["half_life"])
    if row["decay"]:
        if found and decay(row["decay"]):
            raise NotCarriedError("two kinds of decay")
        found |= decay(row["decay"])
    if row["within"]:
        found["within"] = length(row["within"])
    if row["limit"] and (read := limit(row["limit"])):
        found["limit"] = read
    if row["maximum"]:
        most = numbered(row["maximum"])
        if most is None or most < 0:
            raise NotCarriedError(f"the maximum '{row['maximum']}' is no number above 0")
        found["maximum"] = plain(most)
    return found


def has_options(row: Row) -> Sequence[str]:
    """Return the columns with options that only something leads do can have."""
    found = [name for name in _OPTIONS if row[name]]
    return [name for name in found if name != "limit" or not _is_once(row["limit"])]


def _is_once(text: str) -> bool:
    """Return whether a limit is one that every attribute of a lead has anyway."""
    try:
        return limit(text) in {None, "1 ever"}
    except NotCarriedError:
        return False


def _counts(one: Value) -> tuple[int, int | None] | None:
    """Return the first and the last number of times; None if they are no whole numbers above 0."""
    low, high = _ends(one)
    whole = all(each is None or each == int(each) for each in (low, high))
    if not whole or low < 1 or (high is not None and high < low):
        return None
    return int(low), None if high is None else int(high)


def _ends(one: Value) -> tuple[float, float | None]:
    match one.operator:
        case "between":
            return one.operand[0], one.operand[1]
        case "at_least" | "above":
            return one.operand + (one.operator == "above"), None
        case "at_most" | "below":
            return 1, one.operand - (one.operator == "below")
        case _:
            return one.operand, one.operand


def _overlap(one: tuple[int, int | None], other: tuple[int, int | None]) -> bool:
    infinity = float("inf")
    (low, high), (start, end) = one, other
    return low <= (infinity if end is None else end) and start <= (infinity if high is None else high)


def _key(low: int, high: int | None) -> str:
    return Plain(f"{low}+" if high is None else f"{low}" if low == high else f"{low}-{high}")
