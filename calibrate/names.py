"""Guards by name: leave out ids, dates and fields that sales fills in, and warn of protected attributes."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import polars as pl

from calibrate.bins import FEWEST_LEADS
from calibrate.notes import Notes
from vocabulary.fields import FieldType

MANY_LEVELS: Final = 0.5

SALES: Final = re.compile(
    r"^(hs_|sf_)?(lead_|deal_|sales_|call_|contact_|account_|current_|pipeline_|lifecycle_?|opportunity_|opp_|funnel_)*"
    r"(stage|status|owner|quality|notes?|tags?|profile|disposition|rating|result)(_(id|name|reason|detail))?$"
    r"|(^|_)(won|lost|closed?|close_(date|reason)|converted|conversion_date|deals?|opp|opportunit(y|ies)|sql|mql|sal"
    r"|qualified|is_customer|became_customer|customer_since|contract|invoice|revert|remarks?|comments?|next_step|forecast"
    r"|probability|lifecycle\w*|assigned|sales_rep|hubspot_owner\w*|expected_(acv|revenue|value|amount)|amount)(_|$)"
)
TODAY: Final = re.compile(
    r"(^|_)last_(notable_)?activity($|_(type|kind|name))|(^|_)(modified|updated)(_|$)|last_(status|stage)"
)
SCORES: Final = re.compile(
    r"asymmetrique|(^|_)(lead|profile|activity|engagement|fit|hubspot|predictive)_?(score|index|grade)(_|$)"
    r"|(^|_)scor(e|ing)(_|$)"
)
AFTERWARDS: Final = re.compile(
    r"^(call_|last_call_)?(duration|length)(_of_call|_seconds|_sec)?$|_(all|overall|lifetime|ever|final|to_date)$"
)
IDS: Final = re.compile(
    r"(^|_)(id|ids|uuid|guid|key|e_?mail|email_address|phone|phone_number|mobile|fax|first_name|last_name|full_name|surname)$"
    r"|^(name|number|no|nr|url|address|street\w*)$"
    r"|(^|_)(lead|contact|account|customer|record|row|index|ticket)_(no|nr|number|key|code)$"
)
DATES: Final = re.compile(
    r"(^|_)(date|datetime|timestamp|created|created_at|created_on)(_|$)"
    r"|^(year|month|day|week|quarter|weekday|hour|time|day_of_week)$|_at$"
)
PROTECTED: Final = re.compile(
    r"(^|_)(age|birth\w*|dob|gender|sex|marital|married|religion|nationality|ethnicity|race|disability|pregnan\w*|kids|children"
    r"|household_comp|salutation|citizenship|orientation)(_(band|group|status|count|range|at_\w+))?$"
)
PROXIES: Final = re.compile(
    r"(^|_)(country|region|city|postcode|postal_code|zip|zipcode|zip_code|neighbou?rhood|language|home_ownership)$"
    r"|^(education|income|household_income)(_(level|band|range))?$"
)

BY_NAME: Final[Sequence[tuple[str, re.Pattern[str], str]]] = (
    ("another score", SCORES, "is another score, so it may already know the outcome"),
    ("sales field", SALES, "is filled in by sales, often after the outcome is known"),
    ("today's value", TODAY, "has today's value, not the value at the time of the snapshot"),
    ("known afterwards", AFTERWARDS, "also counts what came later (the whole call, the whole period)"),
)


def usable(
    declared: Mapping[str, FieldType], frame: pl.DataFrame, include: Iterable[str], exclude: Iterable[str], notes: Notes
) -> dict[str, FieldType]:
    """Leave out ids, dates, sales fields and what the user excludes. `include` overrides the guards."""
    wanted, unwanted = set(include), set(exclude)
    kept: dict[str, FieldType] = {}
    for name, kind in declared.items():
        reason = _reason(name.rstrip("_"), kind, frame[name])
        if name in unwanted:
            notes.add("excluded", f"{notes.label(name)}: left out by --exclude.", "left out", name)
        elif reason and name not in wanted:
            notes.leave_out(reason[0], f"{notes.label(name)} {reason[1]}.", name)
        else:
            kept[name] = kind
    return kept


def _reason(name: str, kind: FieldType, column: pl.Series) -> tuple[str, str] | None:
    if column.null_count() == len(column):
        return "empty", "is always empty"
    if column.drop_nulls().n_unique() == 1 and not column.null_count():
        return "constant", "has the same value for all leads"
    named = next(((label, why) for label, pattern, why in BY_NAME if pattern.search(name)), None)
    return named or _id_or_date(name, kind, column)


def _id_or_date(name: str, kind: FieldType, column: pl.Series) -> tuple[str, str] | None:
    if kind in {"time", "date"} or (DATES.search(name) and kind != "flag"):
        return "date", "is a date, so it describes a time and not a kind of lead"
    levels = column.n_unique() if kind in {"text", "number"} else 0
    if kind == "text" and levels > max(FEWEST_LEADS, MANY_LEVELS * len(column.drop_nulls())):
        return "id", f"has {levels:,} different values, almost one per lead, so it is an id or free text"
    if IDS.search(name) and levels > FEWEST_LEADS:
        return "id", "looks like an id or a contact detail"
    return None


def warn_of_people(declared: Iterable[str], notes: Notes) -> None:
    """Warn about fields that are a protected attribute or a proxy for one."""
    for name in declared:
        if PROTECTED.search(name):
            said = f"{notes.label(name)} is a protected attribute or close to one: points for it may discriminate."
            notes.add("protected", f"{said} Have this checked, or use --exclude {name}.", "warning", name)
        elif PROXIES.search(name):
            said = f"{notes.label(name)} can be a proxy for a protected attribute (origin, wealth)."
            notes.add("proxy", f"{said} Review its points before you use them.", "warning", name)
