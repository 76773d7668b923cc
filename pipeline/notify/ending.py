"""What ends soon: told to people before something fails by it, once at each of a few steps."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from config.notify import Notify
from pipeline.clock import in_words
from store import New
from vocabulary.expiries import Expiry, Kind
from vocabulary.units import day

STEPS: Final[Mapping[Kind, tuple[timedelta, ...]]] = {
    "certificate": (timedelta(days=7), timedelta(days=1)),  # vendors renew theirs by themselves, some late
    "sign-in": (timedelta(days=30), timedelta(days=7)),
    "interface": (timedelta(days=90), timedelta(days=30), timedelta(days=7)),
}
"""How long before an end people are told."""


def ending(told: Notify, expiries: Sequence[Expiry], now: datetime) -> list[New]:
    """Return the messages about what ends soon. Their keys come again, so that each is queued once."""
    found = [(key, one) for one in expiries for key in _keys(one, now)]
    return [New(sink, key, "trouble", _facts(one, now)) for key, one in found for sink in told.telling("trouble")]


def _keys(one: Expiry, now: datetime) -> Iterator[str]:
    """Yield what makes the message one of its own: what ends, when, and the nearest step; nothing if it is far away."""
    reached = [step for step in STEPS[one.kind] if one.at - now <= step]
    if reached:
        yield f"end:{one.what}:{one.at:%Y-%m-%d}:{min(reached).days}"


def _facts(one: Expiry, now: datetime) -> dict[str, str]:
    left = one.at - now
    when = f"in {in_words(left)}" if left > timedelta() else f"{in_words(-left)} ago"
    verb = "ends" if left > timedelta() else "ended"
    said = f"{one.what[0].upper()}{one.what[1:]} {verb} on {day(one.at)}, {when}. {one.remedy}"
    return {"what": f"{one.what.partition(' (')[0]} {verb} on {day(one.at)}", "message": said}
