"""The syntax tree of a query. `at` is the position in the text, for error messages."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Path:
    """A field, reached over relationships: `Account.Owner.Name`."""

    parts: tuple[str, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Function:
    """A function call, such as `COUNT(Id)`; `COUNT()` has no argument."""

    name: str
    argument: "Path | Function | None"
    at: int


Operand = Path | Function


@dataclass(frozen=True, slots=True)
class Text:
    """A string without its quotes; escapes are kept, since LIKE resolves them differently."""

    value: str
    at: int


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written."""

    value: str
    at: int


@dataclass(frozen=True, slots=True)
class Day:
    """A date."""

    value: date
    at: int


@dataclass(frozen=True, slots=True)
class Moment:
    """A date with time, in UTC."""

    value: datetime
    at: int


@dataclass(frozen=True, slots=True)
class Word:
    """An unquoted word: true, false, null, or a date literal such as `LAST_N_DAYS:30`."""

    value: str
    count: int | None
    at: int


Value = Text | Number | Day | Moment | Word


@dataclass(frozen=True, slots=True)
class Comparison:
    """A field compared with a value."""

    operand: Operand
    operator: str
    value: Value


@dataclass(frozen=True, slots=True)
class Membership:
    """A field compared with a list of values or the result of another query."""

    operand: Operand
    operator: Literal["in", "not in", "includes", "excludes"]
    values: "tuple[Value, ...] | Select"


@dataclass(frozen=True, slots=True)
class And:
    """All conditions hold."""

    conditions: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Or:
    """One of the conditions holds."""

    conditions: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    """The condition does not hold."""

    condition: "Condition"


Condition = Comparison | Membership | And | Or | Not


@dataclass(frozen=True, slots=True)
class Selected:
    """A field or function to return, with an optional alias."""

    operand: Operand
    alias: str | None


@dataclass(frozen=True, slots=True)
class Children:
    """A query over the children of each row."""

    query: "Select"


@dataclass(frozen=True, slots=True)
class TypeOf:
    """Fields that depend on the target's type of a polymorphic reference."""

    path: Path
    when: tuple[tuple[str, tuple[Path, ...]], ...]
    otherwise: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Ordering:
    """A column to sort by."""

    operand: Operand
    descending: bool
    nulls_last: bool


@dataclass(frozen=True, slots=True)
class Select:
    """A whole query."""

    text: str
    items: tuple[Selected | Children | TypeOf, ...]
    source: Path
    alias: str | None = None
    where: Condition | None = None
    group: tuple[Operand, ...] = ()
    having: Condition | None = None
    order: tuple[Ordering, ...] = ()
    limit: int | None = None
    offset: int | None = None
    all_rows: bool = False
