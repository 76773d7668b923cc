"""What people write about how often points count, and how they fade."""

import re
from collections.abc import Mapping
from typing import Any, Final

from config.importing.findings import NotCarriedError
from config.importing.spreadsheet.values import DAYS, numbered
from config.text import Plain
from vocabulary.units import LONGEST

_ALWAYS: Final = re.compile(
    r"every ?time|always|each( time)?|unlimited|no( limit)?|none|-|jedes ?mal|immer|∞", re.IGNORECASE
)
_ONCE: Final = re.compile(r"once|one[ -]time|1x|1 ?time|1|einmalig|einmal|first( time)?( only)?|1 ever", re.IGNORECASE)
_LIMIT: Final = re.compile(
    r"(?:max\.? ?)?(\d+|once|twice)\s*(?:x|times?)?\s*(?:/|per|every|in|a|pro)\s*(?:(\d+)\s*)?"
    r"(day|week|month|quarter|year)s?|(daily|weekly|monthly|quarterly|yearly)",
    re.IGNORECASE,
)
_EVER: Final = re.compile(r"(?:max\.? ?)?(\d+)\s*(?:x|times?)", re.IGNORECASE)
_LENGTH: Final = re.compile(
    r"(?:after |for |in )?(\d+(?:[.,]\d+)?)\s*(hour|day|week|month|quarter|year|h|d|w)s?", re.IGNORECASE
)
_STEPS: Final = re.compile(
    r"(?:-|\u2212|loses? )?(\d+(?:[.,]\d+)?)\s*%\s*(?:/|per|every|a|each|pro)\s*(?:(\d+)\s*)?"
    r"(day|week|month|quarter|year)s?",
    re.IGNORECASE,
)
_HALF: Final = re.compile(r"(?:half[ -]?life|halves|halbwertszeit)(?: of| every|:)?\s*(.+)", re.IGNORECASE)
_EVEN: Final = re.compile(
    r"(?:linear(?:ly)?|evenly|to 0|to zero)(?: over| in| within| to 0 over)?\s*(.+)", re.IGNORECASE
)
_ADVERBS: Final[Mapping[str, str]] = {
    "daily": "day",
    "weekly": "week",
    "monthly": "month",
    "quarterly": "quarter",
    "yearly": "year",
}
_SHORT: Final[Mapping[str, int]] = {
    "h": 1,
    "hour": 1,
    "d": 24,
    "w": 168,
    **{name: each * 24 for name, each in DAYS.items()},
}
_COUNTS: Final[Mapping[str, int]] = {"once": 1, "twice": 2}


def limit(text: str) -> str | None:
    """Return a limit as a scorecard writes it; None for every time. Raise NotCarriedError if it cannot be read."""
    said = " ".join(text.split())
    if not said or _ALWAYS.fullmatch(said):
        return None
    if _ONCE.fullmatch(said):
        return "1 ever"
    if found := _LIMIT.fullmatch(said):
        if found[4]:
            return f"1 per {_ADVERBS[found[4].lower()]}"
        count, many, unit = _COUNTS.get(found[1].lower(), found[1]), int(found[2] or 1), found[3].lower()
        return f"{count} per {unit}" if many == 1 else f"{count} per {many * DAYS[unit]}d"
    if found := _EVER.fullmatch(said):
        return f"{found[1]} ever"
    raise NotCarriedError(f"the limit '{said}' cannot be read: write it like 1 per day, or 'every time'")


def length(text: str) -> str:
    """Return a duration as a scorecard writes it. Raise NotCarriedError if it cannot be read."""
    said = " ".join(text.split())
    plain = re.sub(r"(?i)tagen?|tage|jours?", "days", re.sub(r"(?i)monaten?|monate|mois", "months", said))
    found = _LENGTH.fullmatch(plain) or (re.fullmatch(r"(\d+)()", plain))
    if not found:
        raise NotCarriedError(f"the duration '{said}' cannot be read: write it like 30 days or 30d")
    hours = float(found[1].replace(",", ".")) * _SHORT[(found[2] or "d").lower()]
    if not 0 < hours <= LONGEST.total_seconds() / 3600:
        raise NotCarriedError(f"the duration '{said}' is none, or longer than {LONGEST.days} days")
    return f"{hours / 24:g}d" if hours % 24 == 0 else f"{hours:g}h"


def decay(text: str) -> Mapping[str, Any]:
    """Return how points fade, as a scorecard writes it: in steps, by halves or evenly."""
    said = " ".join(text.split())
    if _ALWAYS.fullmatch(said):
        return {}
    if found := _STEPS.fullmatch(said):
        share = numbered(found[1]) or 0
        if share > 100:  # noqa: PLR2004 - percent
            raise NotCarriedError(f"'{said}' loses more than all points")
        every = f"{int(found[2] or 1) * DAYS[found[3].lower()]}d"
        return {"steps": {"every": every, "lose": Plain(f"{share:g}%")}} if share else {}
    if found := _HALF.fullmatch(said):
        return {"half_life": length(found[1])}
    even = _EVEN.fullmatch(said)
    return {"lifespan": length(even[1] if even else said)}
