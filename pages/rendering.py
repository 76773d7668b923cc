"""Templates, and how they write numbers and times."""

from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from jinja2 import Environment

from pipeline import clock
from pipeline.markup import environment
from pipeline.planning.html import shades
from vocabulary import units
from vocabulary.outputs import BY_NAME
from vocabulary.units import counted, how_long

DASH: Final = "—"
PAGES: Final = ("leads", "scorecard", "runs", "report")
"""The pages about one scorecard, as their addresses name them."""


def count(value: float | None) -> str:
    """Return a number with separators between thousands, or a dash."""
    return DASH if value is None else f"{value:,}"


def percent(share: float | None, decimals: int = 0) -> str:
    """Return a share in percent, or a dash."""
    return DASH if share is None else f"{100 * share:.{decimals}f} %"


def when(moment: datetime | None) -> str:
    """Return a time to the minute in UTC, or a dash."""
    return DASH if moment is None else f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}"


def ago(moment: datetime | None) -> str:
    """Return how long ago a time is, or a dash."""
    return DASH if moment is None else how_long(max((clock.now() - moment).total_seconds(), 0))


def day(moment: datetime | None, zone: ZoneInfo) -> str:
    """Return the day of a time in a zone, or a dash."""
    return DASH if moment is None else units.day(moment.astimezone(zone))


def ending_day(moment: datetime | None, zone: ZoneInfo) -> str:
    """Return the day in a zone in which something ends, or a dash; midnight belongs to the day before."""
    return DASH if moment is None else units.ending_day(moment.astimezone(zone))


def signed(points: float) -> str:
    """Return points with their sign, without decimals that are nought."""
    text = f"{points:+,.2f}".rstrip("0").rstrip(".").replace("-", "−")  # noqa: RUF001 - a minus
    return "0" if text[1:] == "0" else text


def said(value: Any) -> str:
    """Return a value of an output as people read it, or a dash."""
    if isinstance(value, datetime):
        return when(value)
    if isinstance(value, float):
        return f"{value:,.1f}".removesuffix(".0")
    return DASH if value is None else count(value) if isinstance(value, int) else str(value)


def label(output: str) -> str:
    """Return what people call an output."""
    known = {"lead_readiness": "Stage", "lead_score_status": "Status", "lead_priority_index": "Index"}
    return known.get(output) or BY_NAME[output].label.removeprefix("Lead ").capitalize()


def shade(priority: str | None, priorities: Any) -> str:
    """Return the colour class of a priority: the first one has the strongest, the last one the faintest."""
    return shades(list(priorities)).get(priority or "", "")


def _environment() -> Environment:
    made = environment("pages")
    filters = (count, counted, percent, when, ago, day, ending_day, signed, said, label, how_long)
    made.filters |= {one.__name__: one for one in filters}
    made.globals |= {"shade": shade, "pages_served": PAGES}
    return made


TEMPLATES: Final = _environment()
