"""Outlook: the first moment at which time alone can change what is written about each lead.

Between the moments at which something jumps (a window or a period ends, a count of days comes to a bound, nothing is
left of some points) only points that fade move, and by how much in a given time is bounded. So the outlook is the
first jump, or the first moment at which fading could carry a number over a bound that something depends on. It may be
too early, but never too late.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from scoring.card.rules.ahead import NEVER, crossing, never
from scoring.card.values import WEEK, microseconds
from scoring.motion import Motion, lasting
from scoring.next_step import WAIT
from scoring.periods import until_next
from scoring.resets import CARD, ENGAGEMENT
from scoring.room import SAFE, Room
from scoring.strongest import until_others_lead
from scoring.trend import STEP, TREND
from scoring.uncertainty import percent_bounds
from vocabulary.arrays import Floats, Ints
from vocabulary.outputs import LIKELIHOOD

if TYPE_CHECKING:
    from scoring.chunk import Chunk

EDITION: Final = 2
"""To be raised when something else is computed, or changes at other moments: then the next sweep looks at everyone."""
PARTS: Final = {"fit": "lead_fit", "engagement": "lead_engagement", "score": "lead_score"}
INDEX: Final = "lead_priority_index"
NUMBERS: Final = (*PARTS.values(), INDEX, LIKELIHOOD)
"""The results that are written when they have moved by a tolerance, and not at once."""
TEXTS: Final = ("lead_why_now", "lead_next_step")


@dataclass(frozen=True)
class Told:
    """What was written last, which decides how far numbers may still move."""

    numbers: pl.DataFrame
    """One row per lead, with those of `NUMBERS` that are written; null where nothing was."""
    least: Mapping[str, float]
    """By how much each of them has to differ before it is written again."""

    def taken(self, rows: pl.DataFrame) -> "Told":
        """Return what was written of the leads of a frame, in their order."""
        numbers = rows.select("lead").join(self.numbers, on="lead", how="left", maintain_order="left")
        return Told(numbers, self.least)


class Jumps:
    """The moments at which something about the leads of a chunk jumps, in microseconds from its time of scoring."""

    def __init__(self, chunk: "Chunk") -> None:
        self.chunk, self.leads = chunk, chunk.history.leads
        self.as_of = int(chunk.history.as_of[0])

    def until(self) -> Ints:
        """Return how long all conditions, figures and rules of the points stay as they are."""
        found = [*self._fields(), *self._questions(), *self._resets(), *self._surges()]
        figures = self.chunk.scorer.figures.until(
            self.chunk.cuts.history(CARD), self.chunk.deals, self.chunk.leads["lead"]
        )
        return least(self.leads, figures, *found, *(one.until for one in self.chunk.ledger.ahead.values()))

    def _fields(self) -> Iterator[Ints]:
        for name, turning in self.chunk.scorer.turning(brief=self.chunk.brief).items():
            if name not in self.chunk.frame.columns:
                continue  # a figure of accounts, which no account of these leads has
            moments = self.chunk.frame[name].cast(pl.Int64)
            there = moments.is_not_null().to_numpy()
            ages = self.as_of - moments.fill_null(0).to_numpy()
            yield np.where(there, turning.until(ages, self.as_of, self.chunk.card.calendar), NEVER)

    def _questions(self) -> Iterator[Ints]:
        for place, one in self.chunk.scorer.asked_of_history(brief=self.chunk.brief):
            yield self.chunk.cuts.history(place).until_asked(one)

    def _resets(self) -> Iterator[Ints]:
        cuts = self.chunk.cuts
        for place, resets in cuts.places.resets.items():
            for reset, age in zip(resets, cuts.ages[place], strict=True):
                if reset.activity is not None:
                    yield cuts.whole.until(reset.activity)
                    continue
                since = cuts.frame[reset.since or ""].cast(pl.Int64)
                ages = self.as_of - since.fill_null(0).to_numpy()
                yield np.where(since.is_not_null().to_numpy() & (age == NEVER), crossing(ages, 0), NEVER)
        for reset, age in zip(self.chunk.card.reset, cuts.ages.get(CARD, ()), strict=True):
            if reset.rest is not None:
                yield crossing(age, microseconds(reset.rest))

    def _surges(self) -> Iterator[Ints]:
        """Yield when activities leave the spans of a surge, which without enough points in a week is none whatever."""
        least_points = self.chunk.scorer.least_surge
        if least_points is None or self.chunk.brief:
            return
        enough = self.chunk.ledger.week >= least_points - SAFE
        for counted in self.chunk.ledger.recent:
            yield np.where(enough, counted.soonest(crossing(counted.age, WEEK, 4 * WEEK)), NEVER)


def least(leads: int, *moments: Ints) -> Ints:
    """Return the first of some moments of each lead."""
    first: Ints = np.minimum.reduce([never(leads), *moments])
    return first


def due_of(chunk: "Chunk", told: Told) -> pl.DataFrame:
    """Return from when on time alone can change what is written of each lead of a computed chunk; null for never."""
    due = pl.Series(Outlook(chunk, told).due())
    return pl.DataFrame({"lead": chunk.leads["lead"], "due_at": due.set(due == NEVER, None)})


class Outlook:
    """The outlook of the leads of a chunk whose results are computed."""

    def __init__(self, chunk: "Chunk", told: Told) -> None:
        self.chunk, self.told, self.leads = chunk, told, chunk.history.leads
        self.wanted = chunk.scorer.wanted

    def due(self) -> Ints:
        """Return the first moment, in microseconds since 1970, at which what is written can change; NEVER for none."""
        as_of = self.chunk.history.as_of
        points = (*self._of_numbers(), *self._of_trend(), *self._of_likelihood())
        until = least(self.leads, Jumps(self.chunk).until(), *self._of_texts(), *points)
        return np.where(until < NEVER - as_of, as_of + until, NEVER)

    def _of_texts(self) -> Iterator[Ints]:
        """Yield how long the texts, and when the priority falls, stay as they are, if the points do not move."""
        chunk, calendar = self.chunk, self.chunk.card.calendar
        as_of = int(chunk.history.as_of[0])
        expires = chunk.results.get("lead_expires_at")
        if expires is not None:
            there = expires.is_not_null().to_numpy()
            ends = expires.cast(pl.Int64).fill_null(0).to_numpy()
            yield np.where(there, crossing(as_of - ends, 0), NEVER)
        if "lead_next_step" in self.wanted:
            yield crossing(chunk.history.latest_touch()[0], WAIT)
        if self.wanted & set(TEXTS):
            year = calendar.model_copy(update={"year_starts": "January"})
            yield np.full(self.leads, until_next(as_of, "year", year))
        if "lead_why_now" in self.wanted and chunk.items is not None:
            yield until_others_lead(chunk.ledger, chunk.items, ~chunk.said_alone)

    def _of_numbers(self) -> Iterator[Ints]:
        """Yield how long each sum of points leaves everything as it is that depends on it."""
        rooms = self._rooms
        for part, room in rooms.items():
            yield self._inside(self.chunk, part, room)

    @cached_property
    def _rooms(self) -> dict[str, Room]:
        """The room of fit, engagement and score."""
        rooms = {part: self._room(self.chunk, part) for part in self.chunk.rounded}
        for part, room in rooms.items():
            self._near(PARTS[part], room)
        shown = self.chunk.results.get("lead_score")
        if shown is not None:
            score = rooms["score"].value
            hidden = (shown.fill_null(0) != pl.Series(score)).to_numpy()
            rooms["score"].narrow(np.where(hidden & (score > 0), 1.0, -np.inf), np.full(self.leads, np.inf))
        self._leave_index(rooms)
        return rooms

    def _room(self, chunk: "Chunk", part: str) -> Room:
        """Return the room that conditions leave."""
        room, bounds = Room.around(chunk.rounded[part]), chunk.scorer.bounds[part]
        if bounds is None:
            room.narrow(room.value.astype(np.float64), room.value.astype(np.float64))
        else:
            room.between(bounds)
        return room

    def _near(self, name: str, room: Room) -> None:
        """Leave the room that the tolerance of a number leaves, where it is shown as it is."""
        if name not in self.told.least or name not in self.wanted or name not in self.chunk.results:
            return
        shown = self.chunk.results[name]
        as_it_is = (shown == pl.Series(room.value)).fill_null(value=False).to_numpy()
        near = Room.around(room.value)
        near.near(_floats(self.told.numbers, name), self.told.least[name])
        room.narrow(np.where(as_it_is, near.lowest, -np.inf), np.where(as_it_is, near.highest, np.inf))

    def _leave_index(self, rooms: Mapping[str, Room]) -> None:
        """Leave the room that the tolerance of the index leaves; it is made of the rounded sums."""
        index, chunk = self.chunk.results.get(INDEX), self.chunk
        if index is None or INDEX not in self.told.least or INDEX not in self.wanted:
            return
        exact, steps = chunk.index_by_points()
        value = np.floor(np.abs(exact) + 0.5) * np.sign(exact)
        as_it_is = (index == pl.Series(value)).fill_null(value=False).to_numpy()
        room = Room.around(value.astype(np.int64))
        room.near(_floats(self.told.numbers, INDEX), self.told.least[INDEX])
        moving = [part for part in steps if (self._falls(chunk, part).moves | self._rises(chunk, part).moves).any()]
        for part in moving:
            each = np.maximum(steps[part] * len(moving), 1e-12)
            down = np.floor(np.maximum(exact - (room.lowest - 0.5) - 1e-6, 0) / each)
            up = np.floor(np.maximum((room.highest + 0.5) - exact - 1e-6, 0) / each)
            free = ~as_it_is | (steps[part] == 0)
            rooms[part].narrow(
                np.where(free, -np.inf, rooms[part].value - down), np.where(free, np.inf, rooms[part].value + up)
            )

    def _inside(self, chunk: "Chunk", part: str, room: Room) -> Ints:
        return room.until(chunk.raw[part], self._falls(chunk, part), self._rises(chunk, part))

    @staticmethod
    def _falls(chunk: "Chunk", part: str) -> Motion:
        return chunk.ledger.motion(part, 1)

    @staticmethod
    def _rises(chunk: "Chunk", part: str) -> Motion:
        return chunk.ledger.motion(part, -1)

    def _of_trend(self) -> Iterator[Ints]:
        """Yield how long the score stays as far above or below that of a week before as the trend says."""
        trend, before = self.chunk.results.get(TREND), self.chunk.earlier
        if trend is None or before is None or TREND not in self.wanted:
            return
        yield Jumps(before).until()
        yield self.chunk.history.until_younger(WEEK)
        yield from (self._inside(before, part, self._room(before, part)) for part in ("fit",) if part in before.rounded)
        apart = (self.chunk.rounded["score"] - before.rounded["score"]).astype(np.float64)
        down = np.where(apart >= STEP, apart - STEP, np.where(apart <= -STEP, np.inf, apart + STEP - 1))
        up = np.where(apart >= STEP, np.inf, np.where(apart <= -STEP, -STEP - apart, STEP - 1 - apart))
        still = ~(self._falls(before, "score").moves | self._rises(before, "score").moves)
        for chunk, below, above, share in (
            (self.chunk, down, up, np.where(still, 1.0, 0.5)),
            (before, up, down, np.where(still, 0.0, 0.5)),
        ):
            room = Room.around(chunk.rounded["score"])
            room.narrow(room.value - _part(below, share), room.value + _part(above, share))
            yield np.where(trend.is_null().to_numpy(), NEVER, self._inside(chunk, "score", room))

    def _of_likelihood(self) -> Iterator[Ints]:
        """Yield how long the likelihood stays nearer than its tolerance to what was written."""
        fitted, shown = self.chunk.scorer.likelihood, self.chunk.results.get(LIKELIHOOD)
        if fitted is None or shown is None or LIKELIHOOD not in self.wanted or LIKELIHOOD not in self.told.least:
            return
        history = self.chunk.cuts.history(ENGAGEMENT)
        chance, told = shown.cast(pl.Float64).to_numpy(), _floats(self.told.numbers, LIKELIHOOD)
        down, up = percent_bounds(chance, told, self.told.least[LIKELIHOOD])
        yield fitted.until_forgotten(history)
        falls, rises = (self.chunk.ledger.motion("uncut", sign) for sign in (1, -1))
        fade = fitted.fading(self.chunk.created(), history)
        yield lasting(lambda after: fitted.per_point * falls.lost(after) + fade(after), down)
        yield np.where(rises.moves, lasting(lambda after: fitted.per_point * rises.lost(after), up), NEVER)


def _part(room: Floats, share: Floats) -> Floats:
    """Return a share of some room in whole numbers; all of endless room."""
    return np.where(np.isinf(room), np.inf, np.floor(np.where(np.isinf(room), 0.0, room) * share))


def _floats(frame: pl.DataFrame, name: str) -> Floats:
    """Return a column as numbers, NaN where it is missing."""
    if name not in frame.columns:
        return np.full(frame.height, np.nan)
    return frame[name].cast(pl.Float64).fill_null(np.nan).to_numpy()
