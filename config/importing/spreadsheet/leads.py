"""Rows of a table about one attribute of the lead as rules."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from config.importing.card import Line, MadeRule, Note, field_name, plain
from config.importing.conditions import Numbers, Written, either, field_test
from config.importing.findings import Findings
from config.importing.spreadsheet.reading import Row
from config.importing.spreadsheet.values import Value, value
from config.text import Plain
from scoring.card.base import RESERVED
from vocabulary.fields import FieldType

_INFINITY: Final = float("inf")


def name_of(attribute: str) -> str:
    """Return an attribute as the name of a field: `Employee Count` is `employee_count`."""
    name = field_name(attribute.strip().lower()).strip("_") or "attribute"
    return f"{name}_" if name in RESERVED else name


@dataclass(frozen=True, slots=True)
class Asked:
    """A row with what it asks for and its points."""

    row: Row
    value: Value
    points: float


@dataclass(slots=True)
class Attribute:
    """The rows about one attribute."""

    name: str
    """As the table calls it."""
    findings: Findings
    rows: list[tuple[Row, float]] = field(default_factory=list)

    @property
    def field(self) -> str:
        """The field of the scorecard."""
        return name_of(self.name)

    def lines(self) -> tuple[FieldType, list[Line]]:
        """Return the type of the field, and its rules with a comment for each row that gives none."""
        asked = [Asked(row, self._value(row), points) for row, points in self.rows]
        type_ = _type(asked)
        asked = [_as(type_, one) for one in asked]
        return type_, list(self._of(type_, asked))

    @staticmethod
    def _value(row: Row) -> Value:
        return value(row["value"]) if row["value"] else Value("is", operand=True, type="flag")

    def _of(self, type_: FieldType, asked: Sequence[Asked]) -> Iterator[Line]:
        kept: list[Asked] = []
        for one in asked:
            if why := _misfit(type_, one) or _clash(one, kept):
                yield self._left_out(one.row, why)
            else:
                kept.append(one)
        in_table = [one for one in kept if _is_in_table(type_, one.value, kept)]
        others = [one for one in kept if one.value.operator in {"otherwise", "missing"}]
        alone = [one for one in kept if one not in in_table and one not in others]
        if len(in_table) > 1 or (in_table and others and not alone):
            yield MadeRule(self._table(type_, in_table, others if not alone else []))
            others = others if alone else []
        else:
            alone = [*in_table, *alone]
        yield from (self._rule(one) for one in alone)
        yield from (self._other(one, [*in_table, *alone]) for one in others)

    def _table(self, type_: FieldType, in_table: Sequence[Asked], others: Sequence[Asked]) -> dict[str, Any]:
        points: dict[str, Any] = {}
        for one in in_table:
            for key in _keys(type_, one.value):
                points.setdefault(key, plain(one.points))
        further = {one.value.operator: plain(one.points) for one in others}
        return {"name": self.name, "table": self.field, "points": points, **further}

    def _rule(self, one: Asked) -> MadeRule:
        said = " ".join(one.row["value"].split())
        name = f"{self.name}: {said}" if said else self.name
        return MadeRule({"name": name, "lead": self._condition(one), "points": plain(one.points)})

    def _condition(self, one: Asked) -> Written:
        found = one.value
        if found.operator in {"starts_with", "ends_with"} and isinstance(found.operand, list):
            return {"any": [{self.field: {found.operator: each}} for each in found.operand]}
        return field_test(self.field, found.operator, found.operand).yes

    def _other(self, one: Asked, all_: Sequence[Asked]) -> Line:
        """Return the rule for any other value, which a missing one is not, or for a missing one."""
        if one.value.operator == "missing":
            lead: Written = {self.field: {"known": False}}
            return MadeRule({"name": f"{self.name}: unknown", "lead": lead, "points": plain(one.points)})
        asked = [self._condition(each) for each in all_]
        lead = {"not": either(asked)} if asked else {self.field: {"known": True}}
        return MadeRule({"name": f"{self.name}: other", "lead": lead, "points": plain(one.points)})

    def _left_out(self, row: Row, why: str) -> Note:
        return left_out(self.findings, row, f"{self.name}: {why}")


def left_out(findings: Findings, row: Row, why: str, *, loses: bool = True) -> Note:
    """Note that a row gives no rule, and return the comment for its place."""
    said = findings.lost(row.place, why) if loses else findings.told(row.place, why)
    return Note(f"{row.place} is left out: {said}.")


def _type(asked: Sequence[Asked]) -> FieldType:
    """Return the type of a field by what is asked of it; if that differs, the field is a text."""
    types = {one.value.type for one in asked} - {"any"}
    order: tuple[FieldType, ...] = ("time", "number", "flag")
    return next((one for one in order if types == {one}), "text")


def _as(type_: FieldType, one: Asked) -> Asked:
    """Return a row with its value as the type of the field."""
    said = one.row["value"]
    if said and type_ == "text" and one.value.operator == "is" and one.value.type in {"number", "flag"}:
        return Asked(one.row, Value("is", " ".join(said.split()), "text"), one.points)
    return one


def _misfit(type_: FieldType, one: Asked) -> str:
    """Return why a row does not fit the type of its field; empty if it does."""
    if one.value.type in {type_, "any"}:
        return ""
    if not one.row["value"]:
        return "a row without a value stands beside rows with one"
    return f"'{one.row['value']}' is a {one.value.type}, and other rows have texts"


def _clash(one: Asked, kept: Sequence[Asked]) -> str:
    """Return which earlier row already gives points for the same; empty if none does."""
    for other in kept:
        if _meets(one.value, other.value):
            return f"'{one.row['value']}' is already in '{other.row['value']}' of {other.row.place}"
    return ""


def _meets(mine: Value, theirs: Value) -> bool:
    if mine.operator == theirs.operator and mine.operand == theirs.operand:
        return True
    if mine.type == theirs.type == "number":
        one, other = _span(mine), _span(theirs)
        low, high = max(one.low, other.low), min(one.high, other.high)
        return low < high or (low == high and {one.low, one.high} == {other.low, other.high})
    both = {"is", "in"} >= {mine.operator, theirs.operator} and mine.type == theirs.type == "text"
    return both and bool(_folded(mine) & _folded(theirs))


def _folded(one: Value) -> set[str]:
    return {each.strip().lower() for each in (one.operand if isinstance(one.operand, list) else [one.operand])}


def _span(one: Value) -> Numbers:
    match one.operator:
        case "between":
            return Numbers(*one.operand)
        case "at_least" | "above":
            return Numbers(one.operand, _INFINITY, with_low=one.operator == "at_least")
        case "at_most" | "below":
            return Numbers(-_INFINITY, one.operand, with_high=one.operator == "at_most")
        case _:
            return Numbers(one.operand, one.operand)


def _is_in_table(type_: FieldType, one: Value, kept: Sequence[Asked]) -> bool:
    """Return whether a value fits a table: a text, a flag, or a range that includes its lower end."""
    if type_ == "number" and one.operator == "at_most":  # where another range begins, the number belongs to that one
        return any(_span(other.value).low == one.operand for other in kept if other.value.type == "number")
    ranges = {"is", "between", "at_least", "below"}
    return one.type == type_ and one.operator in ({"is", "in"} if type_ in {"text", "flag"} else ranges)


def _keys(type_: FieldType, one: Value) -> list[str]:
    if type_ == "text":
        return one.operand if isinstance(one.operand, list) else [one.operand]
    if type_ == "flag":
        return [Plain(str(one.operand).lower())]
    match one.operator:
        case "between":
            low, high = (plain(each) for each in one.operand)
            return [Plain(f"{low}" if low == high else f"{low}-{high}")]
        case "at_least":
            return [Plain(f"{plain(one.operand)}+")]
        case "below" | "at_most":
            return [Plain(f"below {plain(one.operand)}")]
        case _:
            return [Plain(f"{plain(one.operand)}")]
