"""The invented people as a spreadsheet: what HubSpot's *Export* of contacts downloads, with its headings."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import numpy as np

from leadgauge_sandbox.catalogue import PLACES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from leadgauge_sandbox.population import Population
    from leadgauge_sandbox.records import Person

HEADINGS: Final = (
    *("Record ID", "First Name", "Last Name", "Email", "Job Title", "Employment Seniority", "Company Name", "Industry"),
    *("Number of Employees", "Country/Region", "Budget", "Original Source", "Lifecycle Stage", "Create Date"),
    *("Became a Customer Date", "First Conversion Date", "First marketing email click date", "Time First Seen"),
    *("Recent Conversion Date", "Time Last Seen", "Number of Pageviews"),
)
FIRST_ID: Final = 101
FORMS: Final = ("form_submit", "content_download", "demo_request", "pricing_request", "contact_request", "trial_start")


def save(population: Population, path: Path) -> None:
    """Write the people to a CSV file, with their first and last times and their counts until now."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        writer.writerows(_rows(population))


def _rows(population: Population) -> Iterator[list[object]]:
    forms, clicks, views = (_times(population, kinds) for kinds in (FORMS, ("email_click",), ("page_view",)))
    for person in population.people:
        done = [one.get(person.number, []) for one in (forms, clicks, views)]
        yield [*_known(population, person), *_behaviour(*done)]


def _times(population: Population, kinds: Iterable[str]) -> dict[int, list[int]]:
    """Return when each person did something of these kinds, oldest first."""
    wanted = [number for number, place in enumerate(PLACES) if place.kind in kinds]
    rows = np.flatnonzero(np.isin(population.activities.place, wanted) & ~population.activities.bot)
    found: dict[int, list[int]] = {}
    for person, at in zip(population.activities.person[rows], population.activities.at[rows], strict=True):
        found.setdefault(int(person), []).append(int(at))
    return found


def _known(population: Population, person: Person) -> list[object]:
    firm = None if person.company is None else population.companies[person.company]
    return [
        FIRST_ID + person.number,
        person.given,
        person.family,
        person.email,
        person.job_title,
        person.seniority or "Unknown",  # as a drop-down list writes it where nobody chose
        firm and firm.name,
        firm and firm.industry,
        firm and firm.employees,
        person.country,
        person.budget,
        person.source,
        "Customer" if person.converted_at else "Lead",
        _shown(person.created_at),
        _shown(person.converted_at),
    ]


def _behaviour(forms: list[int], clicks: list[int], views: list[int]) -> list[object]:
    firsts = [_shown(one[0] if one else None) for one in (forms, clicks, views)]
    return [*firsts, *(_shown(one[-1] if one else None) for one in (forms, views)), len(views)]


def _shown(milliseconds: int | None) -> str:
    """Return a time as HubSpot's exports write it."""
    return "" if milliseconds is None else f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m-%d %H:%M}"
