"""What the sandboxes' web pages show of leads, whichever CRM they are in."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, select_autoescape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

SHOWN: Final = 50
"""Leads per page of the list."""
ISO: Final = re.compile(r"\d{4}-\d\d-\d\d(T|$)")
SIGNED: Final = re.compile(r"([+\u2212-])(\d[\d,.]*) (.+)", re.DOTALL)
GRADES: Final = {
    letter + sign: f"{order}{rank}" for order, letter in enumerate("ABCDF") for rank, sign in enumerate(("+", "", "-"))
}
USUAL: Final = ("P1", "P2", "P3", "P4")
"""The priorities, where the field does not say which there are."""
SHADES: Final = 4
LAST: Final = "~"
"""Sorts after every letter and digit: leads without a value come last."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One of the reasons of a score."""

    text: str
    points: str = ""
    """The points with their sign; empty where the reason gives none."""

    @property
    def takes(self) -> bool:
        """Return whether it takes points away."""
        return self.points.startswith("\u2212")


@dataclass(frozen=True)
class Results:
    """What leadgauge wrote to one lead, by output; what the account has no field for is absent."""

    values: Mapping[str, str]
    """By the output's name without `lead_`."""
    stages: tuple[str, ...] = ()
    """The stages that the field offers, from the first to the last of a buying cycle."""
    priorities: tuple[str, ...] = ()
    """The priorities that the field offers, best first."""

    def __getitem__(self, name: str) -> str:
        """Return a value as text, empty for none."""
        return self.values.get(name, "")

    @cached_property
    def reasons(self) -> list[Reason]:
        """Return the reasons of the score, one by one."""
        return [_reason(part) for part in self["score_reasons"].split(" · ") if part]

    @property
    def level(self) -> tuple[int, str]:
        """Return the place of the priority; one that the field does not offer comes after the others."""
        name = self["priority"]
        return (self.priorities.index(name) if name in self.priorities else len(self.priorities), name or LAST)

    @property
    def shade(self) -> str:
        """Return the colour class of the priority: the first one is the strongest, the last one the faintest."""
        known = self.priorities if self["priority"] in self.priorities else USUAL
        if self["priority"] not in known:
            return ""
        last = max(len(known) - 1, 1)
        return f"shade-{1 + round(known.index(self['priority']) * (SHADES - 1) / last)}"


def _reason(part: str) -> Reason:
    found = SIGNED.fullmatch(part)
    if found is None:
        return Reason(part)
    sign = "+" if found[1] == "+" else "\u2212"
    return Reason(found[3], sign + found[2])


@dataclass(frozen=True, slots=True)
class Lead:
    """One row of the list."""

    link: str
    name: str
    title: str
    company: str
    results: Results
    created: int = 0
    """Orders leads that are equal otherwise."""


def _index(lead: Lead) -> float:
    return -float(lead.results["priority_index"] or -1)


ORDERS: Final[Mapping[str, Callable[[Lead], Any]]] = {
    "priority": lambda lead: (lead.results.level, _index(lead)),
    "name": lambda lead: lead.name.casefold() or LAST,
    "company": lambda lead: lead.company.casefold() or LAST,
    "score": lambda lead: -float(lead.results["score"] or "-inf"),
    "grade": lambda lead: (GRADES.get(lead.results["grade"], lead.results["grade"] or LAST), _index(lead)),
    "readiness": lambda lead: (-_place(lead.results), _index(lead)),
}


def _place(results: Results) -> int:
    stage = results["readiness"]
    return results.stages.index(stage) if stage in results.stages else -1


@dataclass(frozen=True)
class Wish:
    """What the reader of the list asked for, from the address."""

    sort: str = "priority"
    priority: str = ""
    words: str = ""
    page: int = 1

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> Wish:
        """Read the parameters of the address; what makes no sense is left out."""
        sort, page = parameters.get("sort", ""), parameters.get("page", "")
        return cls(
            sort if sort in ORDERS else "priority",
            parameters.get("priority", ""),
            parameters.get("q", "").strip(),
            max(1, int(page)) if page.isdecimal() else 1,
        )

    def address(self, **changed: Any) -> str:
        """Return the address of the list with something else asked for; the first page unless told."""
        wish = replace(self, **{"page": 1} | changed)
        asked = {"sort": wish.sort, "priority": wish.priority, "q": wish.words, "page": wish.page}
        usual = {"sort": "priority", "priority": "", "q": "", "page": 1}
        query = urlencode({name: value for name, value in asked.items() if value != usual[name]})
        return f"/?{query}" if query else "/"


def listing(leads: Sequence[Lead], wish: Wish) -> dict[str, Any]:
    """Return what the list shows: the page of leads asked for, and how many have each priority."""
    sought = [lead for lead in leads if _mentions(lead, wish.words)]
    counts = Counter(lead.results["priority"] for lead in sorted(sought, key=lambda lead: lead.results.level))
    del counts[""]
    chosen = [lead for lead in sought if wish.priority in {"", lead.results["priority"]}]
    chosen.sort(key=lambda lead: (ORDERS[wish.sort](lead), lead.created))
    start = (wish.page - 1) * SHOWN
    rows = chosen[start : start + SHOWN]
    return {
        "rows": rows,
        "wish": wish,
        "counts": counts,
        "total": len(leads),
        "sought": len(sought),
        "chosen": len(chosen),
        "first": start + 1,
        "last": start + len(rows),
        "columns": _columns(rows),
    }


def ranked(leads: Iterable[Lead]) -> list[Lead]:
    """Return leads by priority, the most urgent first."""
    return sorted(leads, key=lambda lead: (ORDERS["priority"](lead), lead.created))


def _mentions(lead: Lead, words: str) -> bool:
    text = f"{lead.name} {lead.title} {lead.company}".casefold()
    return all(word in text for word in words.casefold().split())


def _columns(rows: Iterable[Lead]) -> frozenset[str]:
    """Return the outputs that at least one of the rows has."""
    return frozenset(name for lead in rows for name, value in lead.results.values.items() if value)


def moment(text: str) -> str:
    """Return a stored date or time in words; text that is neither as it is."""
    if not ISO.match(text):
        return text
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    day = f"{at.day} {at:%b %Y}"
    return day if len(text) == len("2026-11-29") else f"{day}, {at:%H:%M}"


def days(timeline: Iterable[tuple[datetime, str, str, str]]) -> list[tuple[str, list[dict[str, str]]]]:
    """Group a person's activities (when, what, name, URL) by day, latest first."""
    grouped: dict[str, list[dict[str, str]]] = {}
    for at, what, name, url in sorted(timeline, key=lambda entry: entry[0], reverse=True):
        entry = {"at": at.isoformat(), "time": f"{at:%H:%M}", "what": what, "name": name, "url": url}
        grouped.setdefault(f"{at.day} {at:%b %Y}", []).append(entry)
    return list(grouped.items())


@cache
def _templates() -> Environment:
    made = Environment(loader=PackageLoader("leadgauge_sandbox"), autoescape=select_autoescape(default=True))
    made.filters["moment"] = moment
    return made


def render(template: str, **shown: Any) -> str:
    """Return a page."""
    return _templates().get_template(template).render(**shown)
