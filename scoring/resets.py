"""Resets of a chunk of leads: the history that each place of the scorecard sees."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import polars as pl

from scoring.card import Scorecard
from scoring.card.mistakes import Path
from scoring.card.resets import Reset
from scoring.history import History
from scoring.picked import NEVER
from vocabulary.arrays import Ints
from vocabulary.fields import TIME

Place = tuple[str | int, ...]
"""A place of the scorecard: () is the card, then come the section, the number of the group, the number of the rule."""
CARD: Final[Place] = ()
ENGAGEMENT: Final[Place] = ("engagement",)

RESETS: Final = pl.Schema(
    {
        "lead": pl.String(),
        "part": pl.String(),
        "name": pl.String(),
        "at": TIME,
        "reason": pl.String(),
        "hides": pl.Int64(),
    }
)
"""Each reset that a lead has had: where, its moment, and how many activities are at or before it."""


def place_of(path: Path) -> Place:
    """Return the place of a path such as `score.fit.groups.0.rules.2.lead`."""
    if path[:1] != ("score",):
        return CARD
    return tuple(one for number, one in enumerate(path[1:6]) if number in {0, 2, 4})


class Places:
    """The places of a scorecard that have resets."""

    def __init__(self, card: Scorecard) -> None:
        self.titles, self.resets = _places(card)

    def innermost(self, place: Place) -> Place:
        """Return the innermost place with resets that contains this one; the card if there is none."""
        while place not in self.resets and place:
            place = place[:-1]
        return place

    @property
    def with_history(self) -> list[Place]:
        """The places with a history of their own, outer ones first."""
        return sorted({CARD, *self.resets}, key=len)


def _places(card: Scorecard) -> tuple[dict[Place, str], dict[Place, tuple[Reset, ...]]]:
    titles: dict[Place, str] = {CARD: "card"}
    resets: dict[Place, tuple[Reset, ...]] = {CARD: card.reset}
    for name, section in card.sections.items():
        titles[name,], resets[name,] = name, section.reset
        for number, group in enumerate(section.groups):
            titles[name, number], resets[name, number] = group.name, group.reset
            for place, rule in enumerate(group.rules):
                titles[name, number, place], resets[name, number, place] = rule.name, rule.resets
    return titles, {place: given for place, given in resets.items() if given}


@dataclass(frozen=True)
class Cuts:
    """Where the history of each place of a chunk begins."""

    places: Places
    whole: History
    frame: pl.DataFrame
    """The fields of the leads in the form to compare."""

    @cached_property
    def ages(self) -> Mapping[Place, list[Ints]]:
        """The ages of the moments of each place's resets; NEVER where there is none."""
        return {place: [self._age(reset) for reset in resets] for place, resets in self.places.resets.items()}

    def _age(self, reset: Reset) -> Ints:
        if reset.activity is not None:
            return self.whole.matching(reset.activity).youngest
        since = self.frame[reset.since or ""].cast(pl.Int64)
        ages = self.whole.as_of - since.fill_null(0).to_numpy()
        return np.where(since.is_null().to_numpy() | (ages < 0), NEVER, ages)

    @cached_property
    def _histories(self) -> Mapping[Place, History]:
        found = {CARD: self._begun(CARD, self.whole)}
        for place in self.places.with_history[1:]:
            found[place] = self._begun(place, found[self.places.innermost(place[:-1])])
        return found

    def _begun(self, place: Place, outer: History) -> History:
        ages = self.ages.get(place)
        return outer.without(np.minimum.reduce(ages)) if ages else outer

    def history(self, place: Place) -> History:
        """Return the history that a place sees."""
        return self._histories[self.places.innermost(place)]

    @property
    def last(self) -> Ints:
        """The age of the card's last reset; NEVER if there was none."""
        ages = self.ages.get(CARD)
        return np.minimum.reduce(ages) if ages else np.full(self.whole.leads, NEVER)

    def told(self, leads: pl.DataFrame) -> pl.DataFrame:
        """Return each reset that a lead has had, in the order of the scorecard."""
        parts = [RESETS.to_frame()]
        for place, resets in self.places.resets.items():
            for reset, age in zip(resets, self.ages[place], strict=True):
                had = np.flatnonzero(age < NEVER)
                hidden = self.whole.lead[self.whole.age >= age[self.whole.lead]]
                reason = getattr(reset, "reason", None)
                columns = {
                    "lead": leads["lead"].gather(had),
                    "part": pl.Series([self.places.titles[place]]).new_from_index(0, len(had)),
                    "name": pl.Series([reset.name]).new_from_index(0, len(had)),
                    "at": pl.Series((self.whole.as_of - age)[had]).cast(TIME),
                    "reason": _texts(leads, reason).gather(had),
                    "hides": pl.Series(np.bincount(hidden, minlength=self.whole.leads)[had]),
                }
                parts.append(pl.DataFrame(columns).cast(RESETS))
        return pl.concat(parts)


def _texts(leads: pl.DataFrame, field: str | None) -> pl.Series:
    if field is None or field not in leads.columns:
        return pl.Series([None], dtype=pl.String).new_from_index(0, leads.height)
    return leads[field].cast(pl.String).str.strip_chars()


@dataclass(frozen=True)
class Resting:
    """Which leads rest after a reset of the card, until when and why."""

    until: Ints
    """In microseconds since 1970; 0 for leads that do not rest."""
    text: pl.Series
    """`Resting until 29 Mar 2026: Returned by sales (no budget)`; null for leads that do not rest."""


def resting(card: Scorecard, cuts: Cuts, leads: pl.DataFrame) -> Resting:
    """Return who rests; of several rests the one that ends last counts."""
    height, as_of = leads.height, cuts.whole.as_of
    until, text = np.zeros(height, np.int64), pl.Series([None], dtype=pl.String).new_from_index(0, height)
    for reset, age in zip(card.reset, cuts.ages.get(CARD, ()), strict=True):
        if reset.rest is None:
            continue
        length = reset.rest // _MICROSECOND
        ends = np.where(age < length, as_of - np.where(age < length, age, 0) + length, 0)
        longer = ends > until
        if not longer.any():
            continue
        until = np.where(longer, ends, until)
        said = _said(reset.name, ends, _texts(leads, reset.reason), card)
        text = said.zip_with(pl.Series(longer), text)
    return Resting(until, text)


def _said(name: str, ends: Ints, reason: pl.Series, card: Scorecard) -> pl.Series:
    day = pl.Series(ends).cast(TIME).dt.convert_time_zone(card.zone.key).dt.strftime("%-d %b %Y")
    frame = pl.DataFrame({"day": day, "reason": reason})
    why = pl.when(pl.col("reason").str.len_chars() > 0).then(pl.format(" ({})", "reason")).otherwise(pl.lit(""))
    return frame.select(pl.format("Resting until {}: {}{}", "day", pl.lit(name), why)).to_series()


_MICROSECOND: Final = np.timedelta64(1, "us").item()
