"""What a comparison of scores rests on, in sentences for the reader."""

from collections.abc import Iterator, Sequence
from typing import Final

from calibrate.bakeoff.against import Against
from calibrate.bakeoff.capacity import DRAWS
from calibrate.bakeoff.rivals import Rival, Scale
from vocabulary.outputs import Of

NEARLY_ALL: Final = 0.9
CHANCE: Final = 0.5
TOO_GOOD: Final = 0.9
"""An AUC that no honest score reaches."""


def of_calls(frame: Against, reached: float, *, stated: bool) -> Iterator[str]:
    """Yield who is called and when; `reached` is the share of the leads that any score calls."""
    if frame.since:
        yield (
            f"Every Monday from {frame.since} to {frame.until} each score calls the best of the {frame.of} that were "
            f"open and that it had not called before, {frame.capacity:,} in a week. Equal scores share the calls that "
            "are left."
        )
    else:
        yield f"Each score calls its best {frame.capacity:,} of the {frame.of} of the newer rows, once."
    if not stated:
        yield f"No capacity was stated: so many calls reach a fifth of the {frame.of}. State yours with --capacity."
    if reached > NEARLY_ALL:
        yield f"So many calls reach {reached:.0%} of the {frame.of}, so that no score can make much of a difference."


def of_conversions(horizon: float | None) -> Iterator[str]:
    """Yield which conversions count."""
    unknown = "Whether a call makes a conversion come is not known."
    if horizon:
        late = "A lead that is called earlier than that is not called again, and its conversion is not caught."
        yield f"A conversion counts as caught if it came within {horizon:g} days after the call. {late} {unknown}"
    else:
        yield f"A conversion counts as caught if its lead was called. {unknown}"


def of_theirs(rival: Rival, scale: Scale, missing: float, auc: tuple[float, float], of: Of) -> Iterator[str]:
    """Yield how one of the other scores was read; `auc` has its AUC and the upper end of the interval."""
    without = f" For {missing:.0%} of the weekly snapshots it was not known; these {of} rank last." if missing else ""
    yield f"{rival.origin}{without} {scale.said}"
    yield f"If people already call by {rival.name}, its best were worked most, which flatters it."
    value, high = auc
    if high < CHANCE and not scale.order:
        yield f"A higher {rival.name} went with fewer conversions. If its low values are the good ones, turn it round."
    if value > TOO_GOOD:
        yield f"{rival.name} ranks suspiciously well: check that nothing sets it because of the conversion."


def of_ours(name: str, missing: float, frame: Against, *, learned: bool) -> Iterator[str]:
    """Yield what is to be known of a score of ours."""
    if learned:
        known = "what was known before the first of these calls" if frame.since else "the earlier rows"
        yield f"{name}: learned only from {known}."
    else:
        yield f"{name}: as it is today. If it was tuned on these {frame.of}, that flatters it."
    if missing:
        yield f"{name}: {missing:.0%} of the weekly snapshots have no score; these {frame.of} rank last."


def of_card(name: str, as_today: Sequence[str], within: Sequence[str]) -> Iterator[str]:
    """Yield what flatters the current scorecard: fields without a history, and the other scores in it."""
    if as_today:
        which = ", ".join(as_today)
        yield f"{name}: reads {which} as of today, for want of a history. What changed after a call flatters it."
    if within:
        yield f"{name}: has rules on {', '.join(within)} itself."


def of_intervals() -> str:
    """Return how the intervals were found."""
    return f"The intervals hold 95 % of {DRAWS} samples drawn from these companies and people."
