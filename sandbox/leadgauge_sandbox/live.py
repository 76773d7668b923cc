"""Advances the population step by step: visits, new leads, edits, merges and deletions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from leadgauge_sandbox.catalogue import places_of
from leadgauge_sandbox.names import INDUSTRIES, TITLES
from leadgauge_sandbox.people import SENIORITIES, people
from leadgauge_sandbox.records import DAY, Activity

if TYPE_CHECKING:
    from collections.abc import Callable

    from leadgauge_sandbox.population import Population
    from leadgauge_sandbox.records import Company, Person


@dataclass(frozen=True, slots=True)
class Created:
    """A new lead."""

    at: int
    person: Person


@dataclass(frozen=True, slots=True)
class Edited:
    """Fields of a lead changed; `fields` names them as attributes of `Person`."""

    at: int
    person: Person
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CompanyEdited:
    """Fields of a company changed; its people did not."""

    at: int
    company: Company
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Acted:
    """A lead did something."""

    at: int
    activity: Activity


@dataclass(frozen=True, slots=True)
class Merged:
    """Two records of the same person were merged."""

    at: int
    survivor: Person
    loser: Person


@dataclass(frozen=True, slots=True)
class Deleted:
    """A lead was deleted; `erased` if permanently, for privacy."""

    at: int
    person: Person
    erased: bool


Change = Created | Edited | CompanyEdited | Acted | Merged | Deleted

RATES: Final = (
    ("act", 0.08),
    ("edit", 0.01),
    ("create", 0.004),
    ("company", 0.002),
    ("merge", 0.0005),
    ("delete", 0.0007),
)
"""Events and their rate per lead and day."""


def live_step(population: Population, now: int, pace: float = 1.0) -> list[Change]:
    """Draw and apply what happened between the population's clock and `now`, in order of time."""
    since, population.now = population.now, max(population.now, now)
    days = pace * (population.now - since) / DAY
    happenings = [
        (since + int(population.random.random() * (population.now - since)), name)
        for name, rate in RATES
        for _ in range(int(population.random.poisson(rate * days * len(population.people))))
    ]
    changes = [change for at, name in sorted(happenings) for change in _happen(population, name, at)]
    return sorted(changes, key=lambda change: change.at)


def _happen(population: Population, name: str, at: int) -> list[Change]:
    if name == "create":
        return [Created(at, new_person(population, at))]
    if name == "company":
        return [_edit_company(population, at)]
    person = _somebody(population)
    return [] if person is None else HAPPENINGS[name](population, person, at)


def _somebody(population: Population) -> Person | None:
    """Draw a lead that still exists."""
    for number in population.random.integers(0, len(population.people), 20).tolist():
        person: Person = population.people[number]
        if not person.gone:
            return person
    return None


def new_person(population: Population, at: int) -> Person:
    """Add a person to the population."""
    (person,) = people(1, population.companies, at, population.random, len(population.people))
    person.created_at = at
    population.people.append(person)
    return person


def _edit(population: Population, person: Person, at: int) -> list[Change]:
    change: dict[str, Any] = {}
    draw = population.random.random()
    if draw < 0.6:  # noqa: PLR2004 - most edits are a new job
        person.seniority = SENIORITIES[int(population.random.integers(len(SENIORITIES)))]
        titles = TITLES[person.seniority]
        change["seniority"] = person.seniority
        change["job_title"] = person.job_title = titles[int(population.random.integers(len(titles)))]
    else:
        change["budget"] = person.budget = float(round(population.random.lognormal(9.3, 1.3), 2))
    return [Edited(at, person, tuple(change))]


def _edit_company(population: Population, at: int) -> CompanyEdited:
    firm = population.companies[int(population.random.integers(len(population.companies)))]
    firm.employees = int(population.random.lognormal(4.3, 1.7)) + 1
    firm.industry = list(INDUSTRIES)[int(population.random.integers(len(INDUSTRIES)))]
    return CompanyEdited(at, firm, ("employees", "industry"))


def _act(population: Population, person: Person, at: int) -> list[Change]:
    """Let a lead visit pages for a few minutes, and sometimes ask for something at the end."""
    pages, forms = (
        places_of("page_view"),
        places_of("content_download", "demo_request", "pricing_request", "form_submit"),
    )
    visits = population.random.choice(pages, int(population.random.integers(1, 4))).tolist()
    acts = [
        Activity(person.number, place, min(population.now, at + 45_000 * step), 44.0)
        for step, place in enumerate(visits)
    ]
    if population.random.random() < 0.2:  # noqa: PLR2004 - one visit in five
        place = int(population.random.choice(forms))
        acts.append(Activity(person.number, place, min(population.now, at + 45_000 * len(visits))))
    elif person.email and population.random.random() < 0.3:  # noqa: PLR2004 - mailings bring visits
        mails = places_of("email_click")
        acts.insert(0, Activity(person.number, int(population.random.choice(mails)), at))
    population.later.extend(acts)
    return [Acted(act.at, act) for act in acts]


def _merge(population: Population, person: Person, at: int) -> list[Change]:
    other = _somebody(population)
    if other is None or other is person:
        return []
    survivor, loser = sorted((person, other), key=lambda each: each.number)
    loser.gone, loser.merged_into = True, survivor.number
    return [Merged(at, survivor, loser)]


def _delete(population: Population, person: Person, at: int) -> list[Change]:
    person.gone = True
    return [Deleted(at, person, erased=bool(population.random.random() < 0.3))]  # noqa: PLR2004 - three of ten


HAPPENINGS: Final[dict[str, Callable[[Population, Person, int], list[Change]]]] = {
    "act": _act,
    "edit": _edit,
    "merge": _merge,
    "delete": _delete,
}
"""The events that can happen to a lead."""
