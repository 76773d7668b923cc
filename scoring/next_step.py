"""The next step: what to do about a lead, by when, and what to ask for first, in one line."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from scoring.card import Priority
from scoring.doings import REACHED, TOUCHES
from scoring.history import History
from scoring.picked import NEVER
from scoring.standing import levels
from scoring.wording import SEPARATOR, cut, days_said, lowered
from vocabulary.arrays import Flags, Ints

DAY: Final = 86_400_000_000
WAIT: Final = 3 * DAY
"""How long sales waits for an answer before it follows up."""
ASKED: Final = 2
"""How many missing criteria are named."""
NOW: Final = "now"
"""The urgency that does not wait for the day on which the priority falls."""
DEAL_OPEN: Final = "deal open"
LEAVE: Final = "Leave to marketing"


def next_steps(
    history: History,
    section: Priority,
    results: Mapping[str, pl.Series],
    missing: pl.Series | None,
    open_deal: Flags,
    zone: ZoneInfo,
) -> pl.Series:
    """Return the next step of each lead, null without a priority.

    `results` has its priority, urgency and when the priority falls; `missing` the names of criteria, heaviest first.
    """
    priority, urgency, expires = (results[name] for name in ("lead_priority", "lead_urgency", "lead_expires_at"))
    level = levels(priority, section.levels)
    said = pl.Series([text or None for text in section.sentences], dtype=pl.String).gather(level - 1)
    touch = _Touch.of(history, zone)
    by = " by " + _said(expires.cast(pl.Int64) - 1, history.as_of, zone)
    when = pl.Series([" now"]).new_from_index(0, len(by)).zip_with((urgency == NOW).fill_null(value=False), by)
    acts = said.zip_with(said.is_not_null(), touch.acts(when))
    deal = pl.select(pl.when(pl.Series(open_deal)).then(pl.lit(DEAL_OPEN))).to_series()
    told = pl.select(pl.concat_str(touch.told(), deal, separator="; ", ignore_nulls=True).replace("", None)).to_series()
    parts = pl.DataFrame({"act": acts, "told": told, "ask": _asks(missing, by)})
    steps = cut(parts.select(pl.concat_str(pl.all(), separator=SEPARATOR, ignore_nulls=True)).to_series())
    last = pl.Series(level == len(section.levels))
    return steps.set(last, section.sentences[-1] or LEAVE).set(priority.is_null(), None)


@dataclass(frozen=True)
class _Touch:
    """The latest touch of each lead by sales, since the lead wrote to us last."""

    age: Ints
    """NEVER for none."""
    kind: Ints
    """The place of its kind in `TOUCHES`."""
    as_of: Ints
    zone: ZoneInfo

    @classmethod
    def of(cls, history: History, zone: ZoneInfo) -> "_Touch":
        """Return the touches of a history."""
        age, kind = history.latest_touch()
        return cls(np.where(age <= history.latest_message(), age, NEVER), kind, history.as_of, zone)

    def acts(self, when: pl.Series) -> pl.Series:
        """Return what to do, and when if that is said."""
        touched, reached = self.age < NEVER, (self.age < NEVER) & (self.kind < len(REACHED))
        verb = pl.Series(["Call", "Call again", "Follow up"]).gather(touched.astype(np.int64) + reached)
        dated = verb + when.fill_null("")
        waits = reached & (self.age < WAIT)
        until = days_said(self._moments(waits) + WAIT, self.as_of, self.zone)
        return ("Wait for an answer until " + until).zip_with(pl.Series(waits), dated)

    def told(self) -> pl.Series:
        """Return what the touch was and when: `met on 24 Nov`; null without one."""
        touched = self.age < NEVER
        words = pl.Series([*TOUCHES.values(), ""]).gather(self.kind)
        return (words + " on " + days_said(self._moments(touched), self.as_of, self.zone)).set(
            pl.Series(~touched), None
        )

    def _moments(self, chosen: Flags) -> Ints:
        """Return when the touches of the chosen leads were; now for the others."""
        return self.as_of - np.where(chosen, self.age, 0)


def _said(moments: pl.Series, as_of: Ints, zone: ZoneInfo) -> pl.Series:
    """Return the day of each moment, null where there is none."""
    there = moments.is_not_null()
    return days_said(moments.fill_null(0).to_numpy(), as_of, zone).set(~there, None)


def _asks(missing: pl.Series | None, like: pl.Series) -> pl.Series:
    """Return what to ask for: `ask about company size and budget`; null if nothing is missing."""
    if missing is None:
        return pl.Series([None], dtype=pl.String).new_from_index(0, len(like))
    names = missing.list.head(ASKED)
    distinct = names.explode().unique().drop_nulls()
    words = {name: lowered(name) for name in distinct}
    shown = names.list.eval(pl.element().replace(words)).list.join(" and ")
    return ("ask about " + shown).set(shown == "", None)
