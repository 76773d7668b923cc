"""What the address of a list asks for: which leads, in which order, and which page of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from pipeline import clock
from scoring.card import Scorecard
from scoring.card.values import as_time
from vocabulary.closest import meant
from vocabulary.units import duration

UNKNOWN: Final = "?"
"""Chooses leads without a value, as it does in `leadgauge leads`."""
ABOUT: Final = ("scorecard", "of")
"""The parameters of every page."""
CHOICES: Final[Mapping[str, str]] = {
    "priority": "lead_priority",
    "grade": "lead_grade",
    "stage": "lead_readiness",
    "urgency": "lead_urgency",
    "status": "lead_score_status",
    "trend": "lead_score_trend",
}
"""The output of each parameter that may be given several times."""
NUMBERS: Final[Mapping[str, str]] = {
    "index": "lead_priority_index",
    "score": "lead_score",
    "fit": "lead_fit",
    "engagement": "lead_engagement",
    "likelihood": "lead_likelihood",
}
"""The output of each number, which has a parameter for its least and one for its greatest value."""
PAST: Final[Mapping[str, str]] = {
    "since": "lead_priority_since",
    "rose": "lead_priority_rose_at",
    "written": "told_at",
}
"""The time that is to be no earlier than the parameter says."""
EXPIRES: Final = "expires"
SORTS: Final[Mapping[str, str]] = {"lead": "place", **CHOICES, **NUMBERS, **PAST, EXPIRES: "lead_expires_at"}
"""The column of each order."""
FAR: Final = 10**7
"""No score is as high, and no list has as many pages."""


class BadAddress(Exception):  # noqa: N818 - named for the problem
    """The address asks for what there is not."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which leads a list has. `given`: the parameters that choose them, as they are in the address."""

    choices: Mapping[str, Sequence[str | None]] = field(default_factory=dict)
    """The values by parameter; None chooses leads without one."""
    numbers: Mapping[str, tuple[float | None, float | None]] = field(default_factory=dict)
    """The least and the greatest value by parameter."""
    times: Mapping[str, datetime] = field(default_factory=dict)
    moved: datetime | None = None
    waits: bool | None = None
    tenths: Sequence[int] = ()
    sort: str = ""
    """The parameter that it is sorted by; empty for the usual order."""
    descending: bool = False
    page: int = 1
    given: Sequence[tuple[str, str]] = ()

    def query(self, *without: str, **more: str | int) -> str:
        """Return the parameters of another list: without some of these, and with others, on its first page."""
        pairs = [(name, value) for name, value in self.given if name not in {*without, *more}]
        changed = {"sort": self.sorting, "page": ""} | {name: str(value) for name, value in more.items()}
        return urlencode([*pairs, *((name, value) for name, value in changed.items() if value)])

    def without(self, name: str, value: str) -> str:
        """Return the parameters without one that may be there several times."""
        pairs = [pair for pair in self.given if pair != (name, value)]
        return urlencode([*pairs, *([("sort", self.sorting)] if self.sorting else [])])

    @property
    def sorting(self) -> str:
        """Return the order as the address has it."""
        return f"-{self.sort}" if self.descending else self.sort

    def value(self, name: str) -> str:
        """Return the first value of a parameter as it was given; empty if it was not."""
        return next((value for known, value in self.given if known == name), "")

    def values(self, name: str) -> Sequence[str]:
        """Return the values of a parameter as they were given."""
        return [value for known, value in self.given if known == name]


def asked(pairs: Iterable[tuple[str, str]], scales: Mapping[str, Sequence[str]], card: Scorecard) -> Asked:
    """Return what an address asks for; raise `BadAddress` if it names what there is not.

    `scales`: the choices of each output of the scorecard. Parameters of forms that were left empty count as absent.
    """
    given = [(name, _exact(name, value, scales)) for name, value in pairs if name not in ABOUT and value.strip()]
    many: dict[str, list[str]] = {}
    for name, value in given:
        if name not in PARAMETERS:
            known = ", ".join(sorted(PARAMETERS))
            raise BadAddress(f"There is no parameter {name!r}. {meant(name, PARAMETERS)}There are: {known}.")
        many.setdefault(name, []).append(value)
    once = {name: _once(name, values) for name, values in many.items() if name not in SEVERAL}
    sort = once.get("sort", "")
    return Asked(
        choices={name: _choices(name, values, scales) for name, values in many.items() if name in CHOICES},
        numbers={name: range_ for name in NUMBERS if (range_ := _range(name, once)) != (None, None)},
        times={name: _time(name, once[name], card) for name in (*PAST, EXPIRES) if name in once},
        moved=_time("moved", once["moved"], card) if "moved" in once else None,
        waits=_yes_or_no("waits", once["waits"]) if "waits" in once else None,
        tenths=[_whole("tenth", value, 10) for value in many.get("tenth", ())],
        sort=_sort(sort.removeprefix("-"), scales),
        descending=sort.startswith("-"),
        page=_whole("page", once["page"], FAR) if "page" in once else 1,
        given=[pair for pair in given if pair[0] not in {"page", "sort"}],
    )


def _exact(name: str, value: str, scales: Mapping[str, Sequence[str]]) -> str:
    """Return a value as it is meant: a plus that was typed by hand, which an address turns into a space, is a plus."""
    if name not in CHOICES:
        return value.strip()
    scale, plus = scales.get(CHOICES[name], ()), value.replace(" ", "+")
    return plus if plus in scale and value not in scale else value


def _once(name: str, values: Sequence[str]) -> str:
    if len({*values}) > 1:
        raise BadAddress(f"{name} is given {len(values)} times: give it once.")
    return values[0]


def _choices(name: str, values: Sequence[str], scales: Mapping[str, Sequence[str]]) -> list[str | None]:
    scale = scales.get(CHOICES[name])
    if scale is None:
        raise BadAddress(f"This scorecard has no {name}.")
    for value in values:
        if value not in {*scale, UNKNOWN}:
            known = ", ".join(scale)
            plus = " In an address, write a plus as %2B." if " " in value and "+" in known else ""
            said = f"There is no {name} {value!r}. {meant(value, scale)}There are: {known}, and ? for none.{plus}"
            raise BadAddress(said)
    return [None if value == UNKNOWN else value for value in values]


def _range(name: str, once: Mapping[str, str]) -> tuple[float | None, float | None]:
    least, greatest = (
        _number(end, once[end]) if (end := f"{name}_{side}") in once else None for side in ("min", "max")
    )
    if least is not None and greatest is not None and least > greatest:
        raise BadAddress(f"{name}_min is greater than {name}_max: no {name} is between {least:g} and {greatest:g}.")
    return least, greatest


def _number(name: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not abs(number) <= FAR:
        raise BadAddress(f"{name}={text!r} is not a number: write one such as 40 or 2.5.")
    return number


def _whole(name: str, text: str, most: int) -> int:
    if text.isascii() and text.isdecimal() and len(text) < len(str(FAR)) and 1 <= int(text) <= most:
        return int(text)
    raise BadAddress(f"{name}={text!r} is not a whole number from 1 to {most:,}.")


def _yes_or_no(name: str, text: str) -> bool:
    if text not in {"yes", "no"}:
        raise BadAddress(f"{name}={text!r} is neither yes nor no.")
    return text == "yes"


def _time(name: str, text: str, card: Scorecard) -> datetime:
    """Return the time of a day, or of a span that lies before now; for `expires`, after it."""
    try:
        span = duration(text)
        return clock.now() + (span if name == EXPIRES else -span)
    except ValueError:
        pass
    try:
        moment = as_time(text, card.calendar)
    except ValueError:
        message = f"{name}={text!r} is neither a span such as 7d or 12h nor a day such as 2026-03-31."
        raise BadAddress(message) from None
    # Who is in the list does not depend on the time of the day: "expires on 31 March" takes in all of that day.
    return moment + timedelta(days=1) if name == EXPIRES and "T" not in text.upper() else moment


def _sort(name: str, scales: Mapping[str, Sequence[str]]) -> str:
    if name and name not in SORTS:
        raise BadAddress(f"Nothing is sorted by {name!r}. {meant(name, SORTS)}There are: {', '.join(SORTS)}.")
    if name in CHOICES and CHOICES[name] not in scales:
        raise BadAddress(f"This scorecard has no {name} to sort by.")
    return name


SEVERAL: Final = frozenset({*CHOICES, "tenth"})
"""The parameters that may be given several times: leads with any of the values are listed."""
PARAMETERS: Final = frozenset(
    {
        *SEVERAL,
        *(f"{name}_{side}" for name in NUMBERS for side in ("min", "max")),
        *PAST,
        *("expires", "moved", "waits", "sort", "page"),
    }
)
