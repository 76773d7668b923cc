"""Scores leads: leads, activities, scorecard and a time in; one row per lead out, with explanations on request."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final

import numpy as np
import polars as pl

from scoring.card import ActivitiesCondition, ActivityCondition, Scorecard, Unanswered
from scoring.card.mistakes import Path
from scoring.card.walking import placed_conditions
from scoring.chunks import Chunks
from scoring.conditions import Terms, feature, split
from scoring.explanation import LINES, lines
from scoring.figures import FIGURES, Figures, told
from scoring.frames import compared, microseconds_since_epoch
from scoring.gathering import Gathered
from scoring.grading import NO_PROFILE, NO_RANK, Graded, disqualifications, graded, letters, missing_criteria
from scoring.history import History, Touchpoints
from scoring.likelihood import Likelihood
from scoring.next_step import next_steps
from scoring.picked import NEVER
from scoring.points import Ledger, SectionRules, half_away
from scoring.readiness import indexes, priorities, shares_of_stages, stages, urgencies
from scoring.reasons import reasons
from scoring.related import NOTHING, Deals, Related
from scoring.resets import CARD, ENGAGEMENT, RESETS, Cuts, Place, Places, place_of, resting
from scoring.shares import shares
from scoring.standing import STATE, Standing, midnights, state_of
from scoring.trend import TREND, WEEK, trends
from scoring.why_now import why_now
from vocabulary.arrays import Flags, Floats, Ints
from vocabulary.fields import TIME
from vocabulary.outputs import BY_NAME, COMPUTED

DETAILS: Final = pl.Schema({"lead_grade_percent": pl.Float64()})
"""Results that explain others and are not written to the CRM."""

RESULTS: Final = pl.Schema({"lead": pl.String(), **{name: BY_NAME[name].dtype for name in COMPUTED}, **DETAILS})
"""One row per lead. Columns of sections that the scorecard does not have are null."""

GRADES: Final = pl.Schema(
    {
        "lead": pl.String(),
        "profile": pl.String(),
        "percent": pl.Float64(),
        "coverage": pl.Float64(),
        "worst": pl.String(),
        "best": pl.String(),
        "missing": pl.List(pl.String()),
    }
)
"""Details of the grades: `worst` and `best` are the range that the unknown criteria allow; `missing` names them."""


@dataclass(frozen=True)
class Scored:
    """The results, one row per lead, with explanation lines and grade details if requested."""

    results: pl.DataFrame
    lines: pl.DataFrame
    grades: pl.DataFrame
    resets: pl.DataFrame = field(default_factory=RESETS.to_frame)
    anew: tuple[str, ...] = ()
    """The leads whose previous stage was computed at or before the card's last reset."""
    figures: pl.DataFrame = field(default_factory=FIGURES.to_frame)

    @classmethod
    def together(cls, parts: list["Scored"]) -> "Scored":
        """Return the concatenation of chunks."""
        return cls(
            pl.concat([RESULTS.to_frame(), *(part.results for part in parts)]),
            pl.concat([LINES.to_frame(), *(part.lines for part in parts)]),
            pl.concat([GRADES.to_frame(), *(part.grades for part in parts)]),
            pl.concat([RESETS.to_frame(), *(part.resets for part in parts)]),
            tuple(lead for part in parts for lead in part.anew),
            pl.concat([FIGURES.to_frame(), *(part.figures for part in parts)]),
        )


class Scorer:
    """A scorecard prepared for scoring any leads at any time."""

    def __init__(
        self, card: Scorecard, likelihood: Likelihood | None = None, wanted: Collection[str] = COMPUTED
    ) -> None:
        """Prepare; of the results that cost much, only those in `wanted` are computed."""
        self.card, self.likelihood = card, likelihood
        self.skipped = frozenset({TREND}.difference(wanted))
        self.looks_ahead = not {"lead_expires_at", "lead_next_step"}.isdisjoint(wanted)
        self.places, self.figures = Places(card), Figures(card)
        self._terms = {place: Terms(card.scope, str(place) if place else "") for place in self.places.with_history}
        self.terms = self._terms[CARD]
        self.rules_of = {part: SectionRules(part, section, self.terms_at) for part, section in card.sections.items()}
        placed = [(path, place_of(path), one) for path, one in placed_questions(card)]
        named = [(feature(one, self.terms_at(place).place), path, place, one) for path, place, one in placed]
        self.questions = {name: (place, one) for name, _, place, one in named}
        self.of_points = frozenset(name for name, path, _, _ in named if path[0] == "score")
        self._splits = {one.content: split(one, card.scope) for one in activity_conditions(card)}
        asked = activity_fields(card)
        self._numbers = tuple(name for name in ("seconds", "value") if name in asked)

    def terms_at(self, place: Place) -> Terms:
        """Return the terms of a place's conditions."""
        return self._terms[self.places.innermost(place)]

    def touchpoints(self, frame: pl.DataFrame | None = None) -> Touchpoints:
        """Return touchpoints (`touchpoint`, `kind`, `url`, `name`) with the value of every activity condition for each.

        Keep them for the next batch and call `known` on them, so that each touchpoint is evaluated only once.
        """
        asked = Touchpoints(self._splits)
        return asked if frame is None else asked.known(frame)

    def gathered(self, leads: pl.DataFrame, activities: pl.DataFrame, as_of: datetime) -> Gathered:
        """Return the activities of these leads up to a time."""
        gathered = self.gather(leads["lead"], as_of)
        gathered.add(_with_numbers(activities, self._numbers))
        return gathered

    def gather(self, leads: pl.Series, as_of: datetime, chunks: Chunks | None = None) -> Gathered:
        """Return an empty store for the activities of these leads up to a time, which are computed in chunks."""
        chunks = Chunks.even(len(leads)) if chunks is None else chunks
        return Gathered(microseconds_since_epoch(as_of), leads, chunks, self._numbers, self.card.calendar)

    def chunk(
        self,
        leads: pl.DataFrame,
        history: History,
        previous: pl.DataFrame,
        state: pl.DataFrame | None = None,
        related: Related = NOTHING,
        *,
        explain: bool,
        details: bool,
    ) -> Scored:
        """Score a chunk: `leads` with `lead` and fields, their history and their previous stages (`PREVIOUS`).

        `state` (`scoring.standing.STATE`) adds the results that follow from it, `related` what figures are made of.
        `explain` adds the explanation lines, `details` the grade details.
        """
        chunk = _Chunk(self, leads, history, self._deals(leads, related))
        return chunk.scored(previous, state, explain=explain, details=details)

    def _deals(self, leads: pl.DataFrame, related: Related) -> Deals:
        return Deals.of(related.of(leads["lead"]), self.card.deals, self.card.calendar)

    def score(
        self,
        leads: pl.DataFrame,
        activities: pl.DataFrame,
        touchpoints: Touchpoints,
        as_of: datetime,
        previous: pl.DataFrame | None = None,
        related: Related = NOTHING,
        *,
        explain: bool = False,
    ) -> Scored:
        """Score leads as of `as_of`. The result has one row per lead, in the same order.

        `leads`: `lead` and the declared fields (an absent column means that all values are missing). `activities`:
        `lead`, `id`, `occurred_at`, `touchpoint`, and `seconds` and `value` if the scorecard uses them. `previous`:
        `lead` and `lead_readiness`, the last computed stage, perhaps `as_of`, the time it was computed for, and for the
        results that follow from it the columns of `scoring.standing.STATE`. `related`: their deals.
        """
        gathered = self.gathered(leads, activities, as_of)
        before, state, chunks = previous_stages(leads, previous), state_of(previous, leads), gathered.chunks
        parts = []
        for number in range(len(chunks)):
            history = gathered.take(number, touchpoints)
            rows, stages = chunks.take(leads, number), chunks.take(before, number)
            stood = None if state is None else chunks.take(state, number)
            parts.append(self.chunk(rows, history, stages, stood, related, explain=explain, details=explain))
        return parts[0] if len(parts) == 1 else Scored.together(parts)

    def made(self, as_of: datetime) -> frozenset[str]:
        """Return the names of the results that this scorer produces, found by scoring a lead without data."""
        leads = pl.DataFrame({"lead": [""]})
        history = self.gather(leads["lead"], as_of).take(0, self.touchpoints())
        chunk = _Chunk(self, leads, history, self._deals(leads, NOTHING))
        nothing = STATE.to_frame(eager=True).clear(1)
        chunk.scored(previous_stages(leads, None), nothing, explain=False, details=False)
        return frozenset(chunk.results)


class _Chunk:
    """A chunk while its points, grade, stage, urgency and priority are computed, in this order."""

    def __init__(
        self, scorer: Scorer, leads: pl.DataFrame, history: History, deals: Deals, *, brief: bool = False
    ) -> None:
        """Prepare; a `brief` chunk can only compute scores."""
        self.scorer, self.card, self.terms = scorer, scorer.card, scorer.terms
        self.leads, self.history, self.deals = leads, history, deals
        self.ledger = Ledger(self.card, history, brief=brief)
        self.results: dict[str, pl.Series] = {}
        fields = compared(leads, self.card.fields, history.as_of, self.card.calendar)
        self.figures = scorer.figures.from_deals(deals, leads["lead"], history.as_of)
        self.cuts = Cuts(scorer.places, history, fields.hstack(self.figures))
        self.figures += scorer.figures.from_activities(self.cuts.history(CARD))
        asked = {name: one for name, one in scorer.questions.items() if not brief or name in scorer.of_points}
        answers = [self.cuts.history(place).answer(one).alias(name) for name, (place, one) in asked.items()]
        self.frame = fields.hstack(self.figures).hstack(answers)
        self.resting = resting(self.card, self.cuts, leads)

    def scored(self, previous: pl.DataFrame, state: pl.DataFrame | None, *, explain: bool, details: bool) -> Scored:
        """Compute all results in order."""
        rounded = self._points()
        grades = self._grade()
        position = self._readiness(previous)
        self._likelihood()
        self._priority(grades, rounded, position)
        empty = self._show(grades, rounded)
        self._stand(grades, state)
        if state is not None:
            self._trend(grades, rounded, empty)
        self._about(grades)
        return Scored(
            _with_schema({"lead": self.leads["lead"], **self.results}, RESULTS, self.leads.height),
            lines(self.ledger, self.leads["lead"], empty) if explain else LINES.to_frame(),
            self._grade_details(grades) if details and grades else GRADES.to_frame(),
            self.cuts.told(self.leads) if details else RESETS.to_frame(),
            tuple(self.leads["lead"].filter(self._anew(previous))),
            told(self.leads["lead"], self._figures_as_written()) if details else FIGURES.to_frame(),
        )

    def _figures_as_written(self) -> list[pl.Series]:
        by_name = {figure.name: figure for figure in self.figures}
        return [by_name[name] for name in self.card.figures]

    def priorities(self, previous: pl.DataFrame) -> pl.Series:
        """Compute only what the priorities follow from."""
        rounded, grades = self._points(), self._grade()
        self._priority(grades, rounded, self._readiness(previous))
        return self.results["lead_priority"]

    def _knows(self, **computed: pl.Series | Ints | Floats) -> None:
        """Make computed values available to later conditions."""
        self.frame = self.frame.hstack([pl.Series(f"#{name}", column) for name, column in computed.items()])

    def _points(self) -> dict[str, Ints]:
        score = self.card.score
        if score is None:
            return {}
        rounded: dict[str, Ints] = {}
        total = np.zeros(self.leads.height)
        for part, section in self.card.sections.items():
            points = self.ledger.add_up(part, section, self.scorer.rules_of[part].asked(self.frame, self.cuts.history))
            rounded[part] = half_away(points)
            total += points
            self._knows(**{part: rounded[part].astype(np.float64)})
        rounded["score"] = self.ledger.round(self.ledger.cut("total", "score", score, total, first=0))
        self._knows(score=rounded["score"].astype(np.float64))
        surging = {"week": self.ledger.week, "before": self.ledger.before}
        self._knows(**{f"surge:{name}": points for name, points in surging.items()})
        self.results |= {RESULT_OF[name]: pl.Series(points) for name, points in rounded.items()}
        return rounded

    def _grade(self) -> Graded | None:
        if self.card.grade is None:
            return None
        grades = graded(self.card.grade, self.frame, self.terms)
        ranks = pl.Series(grades.rank)
        self._knows(grade=ranks.set(ranks < 0, None))
        self.results["lead_grade"] = letters(grades.rank)
        self.results["lead_grade_percent"] = pl.Series(grades.percent).fill_nan(None)
        return grades

    def _readiness(self, previous: pl.DataFrame) -> Ints | None:
        readiness = self.card.readiness
        if readiness is None:
            return None
        position = stages(readiness, self.frame, self.terms, self._stood(previous))
        self._knows(stage=position)
        urgency = urgencies(readiness, self.frame, self.terms)
        self._knows(urgency=urgency)
        self.results["lead_readiness"] = pl.Series(readiness.names).gather(position)
        self.results["lead_urgency"] = urgency
        return position

    def _stood(self, previous: pl.DataFrame) -> pl.Series:
        """Return the previous stages; none for one that was computed at or before the card's last reset."""
        return previous["lead_readiness"].set(self._anew(previous), None)

    def _anew(self, previous: pl.DataFrame) -> pl.Series:
        """Return whether each lead began anew since its previous stage was computed."""
        last = pl.Series(self.history.as_of - np.minimum(self.cuts.last, self.history.as_of))
        before = (previous["as_of"].cast(pl.Int64) <= last).fill_null(value=False)
        return before & pl.Series(self.cuts.last < NEVER)

    def _likelihood(self) -> None:
        if self.scorer.likelihood is None:
            return
        numbered = pl.Series("lead", np.arange(self.leads.height))
        sums = {f"{part}_points": self.ledger.uncut(part) for part in ("fit", "engagement")}
        points = pl.DataFrame({"lead": numbered, **sums})
        leads = self.leads.with_columns(numbered)
        history = self.cuts.history(ENGAGEMENT)
        frame, at = history.touchpoints.frame.with_row_index("touchpoint"), history.there
        moment = pl.Series(history.as_of[:1]).cast(TIME).item()
        activities = pl.DataFrame(
            {
                "lead": history.lead[at],
                "touchpoint": pl.Series(history.place[at], dtype=pl.UInt32),
                "occurred_at": history.moments.gather(at),
            }
        )
        self.results["lead_likelihood"] = self.scorer.likelihood.score(points, leads, activities, frame, moment)

    def _priority(self, grades: Graded | None, rounded: dict[str, Ints], position: Ints | None) -> None:
        priority, readiness, count = self.card.priority, self.card.readiness, self.leads.height
        if priority is None or readiness is None or position is None:
            return
        unknown = np.full(count, NO_RANK)
        ranks = grades.rank if grades else unknown
        disqualified = grades.disqualified if grades else np.zeros(count, np.bool_)
        percent = grades.percent if grades else np.full(count, np.nan)
        stage = shares_of_stages(position, len(readiness.stages))
        self.results["lead_priority"] = priorities(
            priority, self.frame, self.terms, position, ranks, disqualified, self.resting.until > 0
        )
        self.results["lead_priority_index"] = indexes(priority, self.card.score, percent, rounded, stage)

    def _stand(self, grades: Graded | None, state: pl.DataFrame | None) -> None:
        """Compare the priority with what was computed last, and say when it falls and what to do."""
        if state is None or self.card.priority is None:
            return
        priority, stages = self.results["lead_priority"], self.results["lead_readiness"]
        moment = pl.Series(self.history.as_of[:1]).cast(TIME).item()
        standing = Standing(state, priority, self.card.priorities, self.card.label, moment)
        self.results["lead_priority_since"] = standing.since()
        self.results["lead_priority_rose_at"] = standing.rose_at()
        expires = state["lead_expires_at"]
        if self.scorer.looks_ahead:
            later = partial(self._later, stages)
            expires = standing.expires_at(midnights(moment.astimezone(self.card.zone)), later)
        self.results["lead_expires_at"] = expires
        missing = missing_criteria(self.card.grade, grades) if self.card.grade and grades else None
        open_deal = self.deals.open(self.leads["lead"])
        self.results["lead_next_step"] = next_steps(
            self.history, self.card.priority, priority, expires, missing, open_deal, self.card.zone
        )

    def _trend(self, grades: Graded | None, rounded: dict[str, Ints], empty: Flags) -> None:
        """Compare the score with that of a week before: fields of now, and what the lead had done until then."""
        if "score" not in rounded or TREND in self.scorer.skipped:
            return
        before = _Chunk(self.scorer, self.leads, self.history.earlier(WEEK), self.deals, brief=True).score()
        without = empty if grades is None else empty | grades.disqualified
        self.results[TREND] = trends(rounded["score"], before, without)

    def score(self) -> Ints:
        """Compute only the scores."""
        return self._points()["score"]

    def _later(self, stages: pl.Series, chosen: Ints, moments: Ints) -> pl.Series:
        """Return the priorities of some leads at later times, in which they come from their stage of now."""
        rows = self.leads[chosen]
        now = pl.Series(self.history.as_of[chosen]).cast(TIME)
        stood = pl.DataFrame({"lead_readiness": stages.gather(chosen), "as_of": now})
        return _Chunk(self.scorer, rows, self.history.later(chosen, moments), self.deals).priorities(stood)

    def _show(self, grades: Graded | None, rounded: dict[str, Ints]) -> Flags:
        """Empty and zero numbers that would mislead, and write the reasons; return the leads without numbers."""
        empty = self._unknown(grades)
        before = pl.Series([None], dtype=pl.String).new_from_index(0, self.leads.height)
        if grades is not None and self.card.grade is not None:
            before = disqualifications(self.card.grade, grades)
        rests = self._rests(grades)
        before = self.resting.text.zip_with(pl.Series(rests), before)
        before = before.set(pl.Series(empty), TOO_LITTLE)
        zeroed = self._zeroed(grades, rounded)
        if self.card.score is not None:
            score = rounded["score"]
            items = shares(self.ledger, score)
            known = self.leads.hstack(self.figures)
            self.results["lead_why_now"] = why_now(self.card, self.ledger, items, known, before)
            self.results["lead_score_reasons"] = reasons(
                self.ledger, items, score, self.card.zone, before, empty | zeroed
            )
            self.ledger.disqualify(np.where(zeroed, score, 0))
            self.results["lead_score"] = pl.Series(np.where(zeroed, 0, score))
        for name in NUMBERS & set(self.results):
            self.results[name] = self.results[name].set(pl.Series(empty), None)
        if "lead_priority_index" in self.results:
            without = self.results["lead_priority"].is_null()
            self.results["lead_priority_index"] = self.results["lead_priority_index"].set(without, None)
        return empty

    def _unknown(self, grades: Graded | None) -> Flags:
        """Return the leads of which too little is known for a grade and nothing else either."""
        if grades is None:
            return np.zeros(self.leads.height, np.bool_)
        unknown: Flags = (grades.rank == NO_RANK) & ~self.ledger.scored
        return unknown

    def _rests(self, grades: Graded | None) -> Flags:
        """Return the leads that rest: without a priority, and not disqualified."""
        rests: Flags = self.resting.until > 0
        if "lead_priority" in self.results:
            rests = rests & self.results["lead_priority"].is_null().to_numpy()
        return rests if grades is None else rests & ~grades.disqualified

    def _zeroed(self, grades: Graded | None, rounded: dict[str, Ints]) -> Flags:
        """Return the disqualified leads whose score shows 0."""
        zero = self.card.grade is not None and self.card.grade.disqualified_score == "zero"
        if grades is None or not zero or "score" not in rounded:
            return np.zeros(self.leads.height, np.bool_)
        zeroed: Flags = grades.disqualified & (rounded["score"] > 0)
        return zeroed

    def _about(self, grades: Graded | None) -> None:
        status = np.where(self._rests(grades), STATUSES.index("resting"), 0)
        if grades is not None:
            status = np.where(grades.insufficient & (status == 0), STATUSES.index("insufficient data"), status)
            status = np.where(grades.disqualified, STATUSES.index("disqualified"), status)
        self.results["lead_score_status"] = pl.Series(STATUSES).gather(status)
        self.results["lead_scorecard"] = pl.Series([self.card.label]).new_from_index(0, self.leads.height)

    def _grade_details(self, grades: Graded) -> pl.DataFrame:
        assert self.card.grade is not None
        profiles = self.card.grade.profiles
        names = pl.Series([*(profile.name for profile in profiles), None], dtype=pl.String)
        columns = {
            "lead": self.leads["lead"],
            "profile": names.gather(np.where(grades.profile == NO_PROFILE, len(profiles), grades.profile)),
            "percent": pl.Series(grades.percent).fill_nan(None),
            "coverage": pl.Series(grades.coverage).fill_nan(None),
            "worst": letters(grades.worst),
            "best": letters(grades.best),
            "missing": missing_criteria(self.card.grade, grades),
        }
        return _with_schema(columns, GRADES, self.leads.height)


STATUSES: Final = BY_NAME["lead_score_status"].choices
TOO_LITTLE: Final = "Too little is known"
NUMBERS: Final = frozenset({"lead_score", "lead_fit", "lead_engagement", "lead_priority_index"})
"""What a lead of which nothing is known does not have."""
RESULT_OF: Final = {"fit": "lead_fit", "engagement": "lead_engagement", "score": "lead_score"}


def _with_schema(columns: dict[str, pl.Series], schema: pl.Schema, height: int) -> pl.DataFrame:
    """Return the columns of a schema, filled with null if absent."""
    nothing = pl.Series([None]).new_from_index(0, height)
    return pl.DataFrame({name: columns.get(name, nothing) for name in schema}).cast(schema)


def activity_conditions(card: Scorecard) -> Iterator[ActivityCondition]:
    """Yield every condition on activities in the scorecard."""
    for section in card.sections.values():
        for rule in section.rules:
            yield from rule.activity_conditions.values()
    for resets in Places(card).resets.values():
        yield from (one.activity for one in resets if one.activity is not None)
    for one in questions(card):
        yield from (one,) if isinstance(one, ActivitiesCondition) else (one.asking, one.answering)
    yield from Figures(card).conditions


def questions(card: Scorecard) -> Iterator[ActivitiesCondition | Unanswered]:
    """Yield every question about the history in conditions on leads."""
    yield from (one for _, one in placed_questions(card))


def placed_questions(card: Scorecard) -> Iterator[tuple[Path, ActivitiesCondition | Unanswered]]:
    """Yield the same, each with the path of its condition."""
    for path, condition in placed_conditions(card):
        yield from ((path, one) for one in (condition.activities, condition.unanswered) if one is not None)


def activity_fields(card: Scorecard) -> frozenset[str]:
    """Return the activity fields that the scorecard uses."""
    summarised = (figure.field for figure in Figures(card).of_activities.values() if figure.field)
    rules = (rule for section in card.sections.values() for rule in section.rules)
    limited = (rule.activity_fields for rule in rules)
    tested = (condition.fields for condition in activity_conditions(card))
    return frozenset({"kind", *summarised}).union(*limited, *tested)


def score(  # noqa: PLR0913 - these are the inputs of a scorecard
    leads: pl.DataFrame,
    activities: pl.DataFrame,
    touchpoints: pl.DataFrame,
    card: Scorecard,
    as_of: datetime,
    previous: pl.DataFrame | None = None,
    *,
    related: Related = NOTHING,
    likelihood: Likelihood | None = None,
    explain: bool = False,
) -> Scored:
    """Score leads once, like `Scorer.score`. `touchpoints`: `touchpoint`, `kind`, `url`, `name`."""
    scorer = Scorer(card, likelihood)
    places = scorer.touchpoints(touchpoints)
    return scorer.score(leads, activities, places, as_of, previous, related, explain=explain)


def _with_numbers(activities: pl.DataFrame, numbers: Sequence[str]) -> pl.DataFrame:
    """Add the requested number columns that are absent, as missing."""
    absent = [pl.lit(None, pl.Float64).alias(name) for name in numbers if name not in activities.columns]
    return activities.with_columns(*absent)


PREVIOUS: Final = pl.Schema({"lead_readiness": pl.String(), "as_of": TIME})
"""The last computed stage, and the time it was computed for; null if that is not known."""


def previous_stages(leads: pl.DataFrame, previous: pl.DataFrame | None) -> pl.DataFrame:
    """Return the last computed stage of each lead and its time, null if there is none."""
    if previous is None:
        return PREVIOUS.to_frame().clear(leads.height)
    timed = previous if "as_of" in previous.columns else previous.with_columns(as_of=pl.lit(None, TIME))
    stood = (
        timed.select("lead", *PREVIOUS).cast({"lead_readiness": pl.String(), "as_of": TIME}).unique("lead", keep="last")
    )
    return leads.select("lead").join(stood, on="lead", how="left", maintain_order="left").drop("lead")
