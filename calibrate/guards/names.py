"""Guards by name: leave out ids, dates and fields that sales fills in, and warn of protected attributes."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

import polars as pl

from calibrate.guards import calendar_parts, naming
from calibrate.learning.ages import TIMES, is_creation
from calibrate.learning.bins import FEWEST_LEADS
from calibrate.notes import Notes
from vocabulary.command_line import option
from vocabulary.fields import FieldType

MANY_LEVELS: Final = 0.5
MOST_LISTED: Final = 30

IDS: Final = re.compile(
    r"(^|_)(id|ids|uuid|guid|key|e_?mail|email_address|phone|phone_number|mobile|fax|first_name|last_name|full_name|surname)$"
    r"|^(name|number|no|nr|url|address|street\w*)$"
    r"|(^|_)(lead|contact|account|customer|record|row|index|ticket)_(no|nr|number|key|code)$"
)
PROTECTED: Final = re.compile(
    r"(^|_)(age|birth\w*|dob|gender|sex|marital|married|religion|nationality|ethnicity|race|disability|pregnan\w*|kids|children"
    r"|household_comp|salutation|citizenship|orientation)(_(band|group|status|count|range|at_\w+))?$"
)
PROXIES: Final = re.compile(
    r"(^|_)(country|region|city|postcode|postal_code|zip|zipcode|zip_code|neighbou?rhood|language|home_ownership)$"
    r"|^(education|income|household_income)(_(level|band|range))?$"
)

BY_NAME: Final[Sequence[tuple[str, Callable[[str], bool], str]]] = (
    ("another score", naming.a_score, "is another score, so it may already know the outcome"),
    ("today's value", naming.of_today, "has today's value, not the one that it had before"),
    ("sales field", naming.of_sales, "is filled in by sales, often after the outcome is known"),
    ("known afterwards", naming.known_afterwards, "also counts what came later (the whole call, the whole period)"),
)


def usable(
    declared: Mapping[str, FieldType], frame: pl.DataFrame, include: Iterable[str], exclude: Iterable[str], notes: Notes
) -> dict[str, FieldType]:
    """Leave out ids, dates, sales fields and what the user excludes. `include` overrides the guards."""
    wanted, unwanted = set(include), set(exclude)
    for name in (name for name in declared if name in unwanted):
        notes.add("excluded", f"{notes.label(name)}: left out by --exclude.", "left out", name)
    asked = {name: kind for name, kind in declared.items() if name not in unwanted}
    bare = {name: what for name in asked if name not in wanted and (what := _nothing_in(frame[name]))}
    kept = {
        name: kind
        for name, kind in asked.items()
        if name in wanted or not (name in bare or _leaves_out(name, kind, frame[name], notes))
    }
    _say_bare(bare, notes)
    return kept


def _leaves_out(name: str, kind: FieldType, column: pl.Series, notes: Notes) -> bool:
    """Leave a field out if its name, or that it has one value per lead, says so."""
    reason = _reason(list(naming.spellings(name, notes.columns.get(name))), kind, column)
    if reason and reason[0] == "id" and not _repeats(column):
        notes.add("id", f"{notes.label(name)} {reason[1]}, so it is left out.", "left out", name)
    elif reason:
        notes.leave_out(reason[0], f"{notes.label(name)} {reason[1]}.", name)
    return reason is not None


def _repeats(column: pl.Series) -> bool:
    """Return whether enough leads share a text for a rule on it."""
    if column.dtype != pl.String:
        return False
    return bool((column.drop_nulls().value_counts()["count"] >= FEWEST_LEADS).any())


def _nothing_in(column: pl.Series) -> str:
    """Return that a column has one value only, or none, if so."""
    if column.null_count() == len(column):
        return "empty"
    return "" if column.null_count() or column.n_unique() > 1 else "one value"


def _say_bare(bare: Mapping[str, str], notes: Notes) -> None:
    """Note in one line which fields say nothing; there is nothing to decide about them."""
    same = _listed(bare, "one value", ("has", "have"), "the same value for all", notes)
    empty = _listed(bare, "empty", ("is", "are"), "always empty", notes)
    if bare:
        count = f"{len(bare)} field{'s' if len(bare) > 1 else ''}"
        said = "; ".join(part for part in (same, empty) if part)
        notes.add("constant", f"Nothing can be learned from {count}: {said}.", "left out")


def _listed(bare: Mapping[str, str], what: str, verbs: tuple[str, str], said: str, notes: Notes) -> str:
    labels = [notes.label(name) for name, nothing in bare.items() if nothing == what]
    if not labels:
        return ""
    shown = ", ".join(labels[:MOST_LISTED])
    more = f" and {len(labels) - MOST_LISTED} more" if len(labels) > MOST_LISTED else ""
    return f"{shown}{more} {verbs[len(labels) > 1]} {said}"


def _reason(spellings: Sequence[str], kind: FieldType, column: pl.Series) -> tuple[str, str] | None:
    if kind in TIMES and not column.null_count() and any(map(naming.of_customers, spellings)):
        return None
    named = ((label, why) for label, caught, why in BY_NAME if any(map(caught, spellings)))
    return next(named, None) or _id_or_date(spellings[0], kind, column)


def _id_or_date(name: str, kind: FieldType, column: pl.Series) -> tuple[str, str] | None:
    if kind in TIMES and naming.of_the_last(name):
        return "today's value", "is when something happened last, so of the past it says that nothing followed"
    if kind in TIMES:
        created = "is called like the time when a lead was created, which says how old it is and not what kind it is"
        return ("created", created) if is_creation(name) else None
    if calendar_parts.is_serial(name, column) or calendar_parts.is_part(name, column):
        return "date", "is a date or a part of one, so it describes a time and not a kind of lead"
    levels = column.n_unique() if kind in {"text", "number"} else 0
    if kind == "text" and levels > max(FEWEST_LEADS, MANY_LEVELS * len(column.drop_nulls())):
        return "id", f"has {levels:,} different values, almost one per lead: an id or free text"
    if IDS.search(name) and levels > FEWEST_LEADS:
        return "id", "looks like an id or a contact detail"
    return None


def warn_of_people(declared: Iterable[str], notes: Notes) -> None:
    """Warn about fields that are a protected attribute or a proxy for one."""
    for name in declared:
        if PROTECTED.search(name):
            said = f"{notes.label(name)} is a protected attribute or close to one: points for it may discriminate."
            notes.add("protected", f"{said} Have this checked, or use {option('--exclude', name)}.", "warning", name)
        elif PROXIES.search(name):
            said = f"{notes.label(name)} can be a proxy for a protected attribute (origin, wealth)."
            notes.add("proxy", f"{said} Review its points before you use them.", "warning", name)
