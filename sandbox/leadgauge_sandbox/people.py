"""Invents companies and people, with the gaps and oddities of CRM data."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np

from leadgauge_sandbox.names import FIRMS, FORMS, INDUSTRIES, LOCALES, SOURCES, TITLES, TRADES
from leadgauge_sandbox.records import DAY, Company, Person

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from leadgauge_sandbox.names import Locale

T = TypeVar("T")

ODD_TITLES: Final = (
    "",
    " ",
    "n/a",
    "🚀 Growth Hacker 🚀",
    "CEO; Founder",
    'VP "Special" Projects, EMEA',
    "\u200fמנהל\u200e",
    "x" * 300,
)
HUGE: Final = (1e12, 9.007199254740993e15, 0.01)
FREE_MAIL: Final = ("mail.example", "post.example", "inbox.example")
SENIORITIES: Final = ("executive", "director", "manager", "individual", "student")


def pick(random: np.random.Generator, choices: Sequence[Any], weights: Sequence[float], size: int) -> list[Any]:
    """Draw choices with replacement, as a list."""
    share = np.cumsum(np.asarray(weights, float))
    numbers = np.searchsorted(share / share[-1], random.random(size), side="right")
    return [choices[number] for number in numbers.tolist()]


def blanked(values: Sequence[T], share: float, random: np.random.Generator) -> list[T | None]:
    """Return the values with a random share of them set to None."""
    blank = random.random(len(values)) < share
    return [None if gap else value for value, gap in zip(values, blank.tolist(), strict=True)]


def companies(count: int, now: int, random: np.random.Generator) -> list[Company]:
    """Invent companies; sizes and revenues are log-normal."""
    employees = np.maximum(1, np.exp(random.normal(4.3, 1.7, count))).astype(np.int64)
    revenue = np.round(employees * np.exp(random.normal(11.6, 0.6, count)), 2)
    columns: dict[str, list[Any]] = {
        "name": _company_names(count, random),
        "domain": blanked([f"firm-{number:06d}.example" for number in range(count)], 0.03, random),
        "industry": blanked(pick(random, list(INDUSTRIES), list(INDUSTRIES.values()), count), 0.12, random),
        "employees": blanked(employees.tolist(), 0.15, random),
        "revenue": blanked(revenue.tolist(), 0.35, random),
        "country": blanked(pick(random, [each.country for each in LOCALES], [1.0] * len(LOCALES), count), 0.05, random),
        "created_at": (now - random.integers(DAY, 900 * DAY, count)).tolist(),
    }
    return [Company(number, *row) for number, row in enumerate(zip(*columns.values(), strict=True))]


def _company_names(count: int, random: np.random.Generator) -> list[str]:
    parts = [pick(random, options, [1.0] * len(options), count) for options in (FIRMS, TRADES, FORMS)]
    return [" ".join(words) for words in zip(*parts, strict=True)]


def people(count: int, firms: Sequence[Company], now: int, random: np.random.Generator, first: int = 0) -> list[Person]:
    """Invent people, numbered from `first`; most of them work for one of the companies."""
    locales = pick(random, LOCALES, [4.0 if each.country in {"US", "DE", "GB"} else 1.0 for each in LOCALES], count)
    given, family, local = _names(locales, random)
    seniority = pick(random, SENIORITIES, (0.1, 0.15, 0.25, 0.42, 0.08), count)
    employer = _employers(count, len(firms), random)
    emails = _emails(local, employer, seniority, firms, first, random)
    columns: dict[str, list[Any]] = {
        "given": blanked(given, 0.04, random),
        "family": blanked(family, 0.06, random),
        "email": blanked(emails, 0.02, random),
        "phone": blanked([f"+1 555 01{number % 100:02d}" for number in range(count)], 0.5, random),
        "job_title": _titles(seniority, random),
        "seniority": blanked(seniority, 0.2, random),
        "country": blanked([locale.country for locale in locales], 0.08, random),
        "company": employer,
        "budget": _budgets(count, random),
        "purchase_by": _dates(count, now, random),
        "is_student": blanked([level == "student" for level in seniority], 0.4, random),
        "source": pick(random, SOURCES, (5, 3, 3, 2, 2, 3, 1), count),
        "created_at": (now - _ages(count, random)).tolist(),
    }
    rows = [Person(first + offset, *row) for offset, row in enumerate(zip(*columns.values(), strict=True))]
    _duplicate(rows, random)
    return rows


def _names(locales: Sequence[Locale], random: np.random.Generator) -> tuple[list[str], list[str], list[str]]:
    draws = random.random((len(locales), 2)).tolist()
    given = [each.given[int(a * len(each.given))] for each, (a, _) in zip(locales, draws, strict=True)]
    family = [each.family[int(b * len(each.family))] for each, (_, b) in zip(locales, draws, strict=True)]
    local = [f"{a[1]}.{b[1]}" for a, b in zip(given, family, strict=True)]
    return [name for name, _ in given], [name for name, _ in family], local


def _employers(count: int, firms: int, random: np.random.Generator) -> list[int | None]:
    """Draw employers: few companies have many leads, most have one or two, and some leads have none."""
    numbers = np.minimum(firms * random.beta(0.7, 1.4, count), firms - 1).astype(int)
    return blanked(numbers.tolist(), 0.15, random)


def _emails(
    local: Sequence[str],
    employer: Sequence[int | None],
    seniority: Sequence[str],
    firms: Sequence[Company],
    first: int,
    random: np.random.Generator,
) -> list[str]:
    chance = random.random(len(local)).tolist()
    return [
        f"{name}.{first + offset}@{_domain(level, firm if firm is None else firms[firm], luck)}"
        for offset, (name, firm, level, luck) in enumerate(zip(local, employer, seniority, chance, strict=True))
    ]


def _domain(seniority: str, firm: Company | None, luck: float) -> str:
    if seniority == "student":
        return "university.example"
    if luck < 0.01:  # noqa: PLR2004 - one lead in a hundred is a competitor
        return "rival.example"
    if firm is None or firm.domain is None:
        return FREE_MAIL[int(luck * len(FREE_MAIL))]
    return firm.domain


def _titles(seniority: Sequence[str], random: np.random.Generator) -> list[str | None]:
    draws = random.random((len(seniority), 2)).tolist()
    titles: list[str | None] = [
        TITLES[level][int(draw * len(TITLES[level]))] for level, (draw, _) in zip(seniority, draws, strict=True)
    ]
    odd = 0.01
    for row, (draw, luck) in enumerate(draws):
        if luck < odd:
            titles[row] = ODD_TITLES[int(draw * len(ODD_TITLES))]
    return blanked(titles, 0.1, random)


def _budgets(count: int, random: np.random.Generator) -> list[float | None]:
    budgets = np.round(np.exp(random.normal(9.3, 1.3, count)), 2)
    huge = random.random(count) < 0.001  # noqa: PLR2004 - one in a thousand typed nonsense
    budgets[huge] = random.choice(HUGE, int(huge.sum()))
    return blanked(budgets.tolist(), 0.6, random)


def _dates(count: int, now: int, random: np.random.Generator) -> list[str | None]:
    today = datetime.fromtimestamp(now / 1000, UTC).date().toordinal()
    calendar = [datetime.fromordinal(today + offset).date().isoformat() for offset in range(-60, 240)]
    return blanked(pick(random, calendar, [1.0] * len(calendar), count), 0.8, random)


def _ages(count: int, random: np.random.Generator) -> NDArray[np.int64]:
    """Draw how long ago each lead was created: half of them in the last half year."""
    return (random.gamma(1.1, 220.0, count).clip(0.02, 1200) * DAY).astype(np.int64)


def _duplicate(rows: list[Person], random: np.random.Generator) -> None:
    """Turn one lead in a hundred into a duplicate of another, with a second address."""
    if not rows:
        return
    for copy, original in random.integers(0, len(rows), (len(rows) // 100, 2)).tolist():
        twin, source = rows[copy], rows[original]
        twin.given, twin.family, twin.job_title, twin.company = (
            source.given,
            source.family,
            source.job_title,
            source.company,
        )
