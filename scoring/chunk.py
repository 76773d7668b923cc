"""A chunk of leads while it is computed."""

from typing import ClassVar, Final, Protocol

import numpy as np
import polars as pl

from scoring.experiment import varied
from scoring.explanation import LINES, lines
from scoring.figures import FIGURES
from scoring.figures import told as said
from scoring.frames import compared
from scoring.grading import NO_PROFILE, NO_RANK, Graded, criteria, disqualifications, graded, letters, missing_criteria
from scoring.history import History
from scoring.likelihood import HIGH, LOW, WHY_LIKELY
from scoring.next_step import next_steps
from scoring.picked import NEVER
from scoring.points import Ledger, half_away
from scoring.prepared import Prepared
from scoring.readiness import index_by_points, indexes, priorities, shares_of_stages, stages, urgencies
from scoring.reasons import reasons
from scoring.related import Deals
from scoring.resets import CARD, ENGAGEMENT, RESETS, Cuts, resting
from scoring.results import DUE, GRADES, RESULTS, Scored, with_schema
from scoring.shares import Shares, shares
from scoring.standing import FEW, Standing, midnights
from scoring.trend import TREND, WEEK, trends
from scoring.why_likely import nothing_said, quiet_since, why_likely
from scoring.why_now import why_now
from vocabulary.arrays import Flags, Floats, Ints
from vocabulary.fields import TIME
from vocabulary.outputs import BY_NAME, LIKELIHOOD

STATUSES: Final = BY_NAME["lead_score_status"].choices
TOO_LITTLE: Final = "Too little is known"
NUMBERS: Final = frozenset({"lead_score", "lead_fit", "lead_engagement", "lead_priority_index"})
"""What a lead of which nothing is known does not have."""
CHANCES: Final = (LIKELIHOOD, LOW, HIGH)
RESULT_OF: Final = {"fit": "lead_fit", "engagement": "lead_engagement", "score": "lead_score"}


class Accounts(Protocol):
    """The accounts of a chunk of leads, which are computed in turn with it."""

    def joined(self, leads: pl.DataFrame) -> pl.DataFrame:
        """Return the leads with the fields of their accounts."""

    def first(self) -> list[pl.Series]:
        """Return the figures that leads read before their histories begin."""

    def begin(self, leads: "Chunk") -> None:
        """Compute what needs no results of leads, and let the leads know of it."""

    def end(self) -> None:
        """Compute what needs results of leads, and let the leads know of it."""

    def before_leads(self, by: int) -> "Chunk":
        """Return the leads some microseconds before, computed."""


class Chunk:
    """A chunk while its points, grade, stage, urgency and priority are computed, in this order."""

    few: ClassVar[int] = FEW
    """Up to how many leads `_later` is asked about all days at once."""

    def __init__(
        self,
        scorer: Prepared,
        leads: pl.DataFrame,
        history: History,
        deals: Deals,
        cohort: "Accounts | None" = None,
        *,
        brief: bool = False,
        looks_ahead: bool = False,
    ) -> None:
        """Prepare; a `brief` chunk can only compute scores.

        `looks_ahead`: find out what time alone will make of them, too. `cohort` has the accounts of the leads. Without
        it what leads read of their account is taken from its columns.
        """
        self.scorer, self.card, self.terms = scorer, scorer.card, scorer.terms
        self.given, self.history, self.deals, self.cohort = leads, history, deals, cohort
        self.leads = leads if cohort is None else cohort.joined(leads)
        self.ledger, self.brief, self.looks_ahead = Ledger(self.card, history, brief=brief), brief, looks_ahead
        self.raw: dict[str, Floats] = {}
        """The points of each section and of both, before they are rounded."""
        self.earlier: Chunk | None = None
        """The chunk as it was a week before, once the trend is computed."""
        self.items: Shares | None = None
        """What each line contributes to the score, once the reasons are written."""
        self.said_alone: Flags = np.zeros(leads.height, np.bool_)
        """The leads of which a text says all, such as that they are disqualified."""
        self.results: dict[str, pl.Series] = {}
        types = {**scorer.types, **({} if cohort else scorer.borrowed)}
        fields = compared(self.leads, types, history.as_of, self.card.calendar)
        self.figures = scorer.figures.from_deals(deals, leads["lead"], history.as_of)
        early = [] if cohort is None else cohort.first()
        self.cuts = Cuts(scorer.places, history, fields.hstack(self.figures).hstack(early))
        self.figures += scorer.figures.from_activities(self.cuts.history(CARD))
        asked = {name: one for name, one in scorer.questions.items() if not brief or name in scorer.of_points}
        answers = [self.cuts.history(place).answer(one).alias(name) for name, (place, one) in asked.items()]
        self.frame = fields.hstack(self.figures).hstack(answers)
        self.resting = resting(self.card, self.cuts, self.leads)
        if cohort is not None:
            cohort.begin(self)

    def learns(self, figures: list[pl.Series]) -> None:
        """Make more figures available to later conditions."""
        self.frame = self.frame.hstack(figures)
        self.figures = [*self.figures, *figures]

    @property
    def disqualified(self) -> Flags:
        """Whether each lead is disqualified."""
        return np.zeros(self.leads.height, np.bool_) if self.grades is None else self.grades.disqualified

    def compute(self, previous: pl.DataFrame) -> None:
        """Compute points, grade and stage, and then the accounts of the leads."""
        self.before_stages()
        self.position = self._readiness(previous)
        if self.cohort is not None:
            self.cohort.end()

    def before_stages(self) -> None:
        """Compute points and grade."""
        self.rounded = self._points()
        self.grades = self._grade()

    def stages(self, previous: pl.DataFrame) -> pl.Series:
        """Return only the stages that follow previous ones, after `before_stages`; it may be asked again."""
        assert self.card.readiness is not None
        position = stages(self.card.readiness, self.frame, self.terms, self._stood(previous))
        return pl.Series("lead_readiness", self.card.readiness.names).gather(position)

    def scored(
        self,
        previous: pl.DataFrame,
        state: pl.DataFrame | None,
        *,
        explain: bool,
        details: bool,
    ) -> Scored:
        """Compute all results in order."""
        self.compute(previous)
        rounded, grades, position = self.rounded, self.grades, self.position
        self._likelihood()
        self._priority(grades, rounded, position)
        self._vary()
        empty = self._show(grades, rounded)
        self._stand(grades, state)
        if state is not None:
            self._trend(grades, rounded, empty)
        self._about(grades)
        return Scored(
            with_schema({"lead": self.leads["lead"], **self.results}, RESULTS, self.leads.height),
            lines(self.ledger, self.leads["lead"], empty) if explain else LINES.to_frame(),
            self._grade_details(grades) if details and grades else GRADES.to_frame(),
            self.cuts.told(self.leads) if details else RESETS.to_frame(),
            tuple(self.leads["lead"].filter(self._anew(previous))),
            said(self.leads["lead"], self._figures_as_written()) if details else FIGURES.to_frame(),
            due=DUE.to_frame(),
        )

    def _figures_as_written(self) -> list[pl.Series]:
        """Return the lead's own figures, and then those of its account that it reads."""
        by_name = {figure.name: figure for figure in self.figures}
        return [by_name[name] for name in (*self.card.figures, *self.scorer.borrowed) if name in by_name]

    def priorities(self, previous: pl.DataFrame) -> pl.Series:
        """Compute only what the priorities follow from."""
        self.compute(previous)
        self._priority(self.grades, self.rounded, self.position)
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
            rules = self.scorer.rules_of[part]
            asked = rules.asked(self.frame, self.cuts.history, looks_ahead=self.looks_ahead)
            points = self.raw[part] = self.ledger.add_up(part, section, asked)
            rounded[part] = half_away(points)
            total += points
            self._knows(**{part: rounded[part].astype(np.float64)})
        self.raw["score"] = self.ledger.cut("total", "score", score, total, first=0)
        rounded["score"] = self.ledger.round(self.raw["score"])
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

    def created(self) -> pl.DataFrame:
        """Return a row for each lead, with `created_at` if that is known."""
        return self.leads

    def _likelihood(self) -> None:
        if self.scorer.likelihood is None or self.leads.is_empty():
            return
        numbered = pl.Series("lead", np.arange(self.leads.height))
        sums = {f"{part}_points": self.ledger.uncut(part) for part in ("fit", "engagement")}
        points = pl.DataFrame({"lead": numbered, **sums})
        leads = self.created().with_columns(numbered)
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
        given, interval = (points, leads, activities, frame, moment), self.scorer.shows_interval
        said = self.scorer.likelihood.score(*given, interval=interval)
        self.results |= {column.name: column for column in said}

    def _priority(self, grades: Graded | None, rounded: dict[str, Ints], position: Ints | None) -> None:
        priority, readiness, count = self.card.priority, self.card.readiness, self.leads.height
        if priority is None or readiness is None or position is None:
            return
        unknown = np.full(count, NO_RANK)
        ranks = grades.rank if grades else unknown
        disqualified = grades.disqualified if grades else np.zeros(count, np.bool_)
        percent = grades.percent if grades else np.full(count, np.nan)
        stage = shares_of_stages(position, readiness.indexes)
        self.results["lead_priority"] = priorities(
            priority, self.frame, self.terms, position, ranks, disqualified, self.resting.until > 0
        )
        self._made_of = (priority, self.card.score, percent, rounded, stage)
        self.results["lead_priority_index"] = indexes(*self._made_of)

    def index_by_points(self) -> tuple[Floats, dict[str, Floats]]:
        """Return the index before it is rounded, and by how much a point of fit or engagement can move it."""
        return index_by_points(*self._made_of)

    def _vary(self) -> None:
        """Draw the index of those who are in the card's experiment."""
        if (index := self.results.get("lead_priority_index")) is not None:
            urgency = self.results["lead_urgency"]
            self.results["lead_priority_index"] = varied(self.leads["lead"], index, urgency, self.card)

    def _stand(self, grades: Graded | None, state: pl.DataFrame | None) -> None:
        """Compare the priority with what was computed last, and say when it falls and what to do."""
        if state is None or self.card.priority is None or self.leads.is_empty():
            return
        priority = self.results["lead_priority"]
        moment = pl.Series(self.history.as_of[:1]).cast(TIME).item()
        standing = Standing(state, priority, self.card.priorities, self.card.label, moment)
        self.results["lead_priority_since"] = standing.since()
        self.results["lead_priority_rose_at"] = standing.rose_at()
        expires = state["lead_expires_at"]
        if self.scorer.looks_ahead:
            expires = standing.expires_at(midnights(moment.astimezone(self.card.zone)), self._later, self.few)
        self.results["lead_expires_at"] = expires
        missing = missing_criteria(self.card.grade, grades) if self.card.grade and grades else None
        open_deal = self.deals.open(self.leads["lead"])
        self.results["lead_next_step"] = next_steps(
            self.history, self.card.priority, self.results, missing, open_deal, self.card.zone
        )

    def _trend(self, grades: Graded | None, rounded: dict[str, Ints], empty: Flags) -> None:
        """Compare the score with that of a week before: fields of now, and what the lead had done until then."""
        if "score" not in rounded or TREND in self.scorer.skipped:
            return
        before = self._before(WEEK)
        without = empty if grades is None else empty | grades.disqualified
        self.results[TREND] = trends(rounded["score"], before, without)

    def _before(self, by: int) -> Ints:
        """Return the scores of some microseconds before."""
        if self.cohort is not None:
            self.earlier = self.cohort.before_leads(by)
            return self.earlier.rounded["score"]
        history = self.history.earlier(by)
        self.earlier = Chunk(self.scorer, self.leads, history, self.deals, brief=True, looks_ahead=self.looks_ahead)
        return self.earlier.score()

    def score(self) -> Ints:
        """Compute only the scores."""
        self.rounded = self._points()
        return self.rounded["score"]

    def stood(self, chosen: Ints) -> pl.DataFrame:
        """Return the stages of some leads, as those that later ones come from (`PREVIOUS`)."""
        now = pl.Series("as_of", self.history.as_of[chosen]).cast(TIME)
        return pl.DataFrame({"lead_readiness": self._stages.gather(chosen), "as_of": now})

    @property
    def _stages(self) -> pl.Series:
        nothing = pl.Series([None], dtype=pl.String).new_from_index(0, self.leads.height)
        return self.results.get("lead_readiness", nothing)

    def _later(self, chosen: Ints, moments: Ints) -> pl.Series:
        """Return the priorities of some leads at later times, in which they come from their stage of now."""
        of_account = [figure for figure in self.figures if figure.name in self.scorer.borrowed]
        rows = self.leads.hstack(of_account)[chosen]
        history = self.history.later(chosen, moments)
        return Chunk(self.scorer, rows, history, self.deals).priorities(self.stood(chosen))

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
            if self.scorer.texts:
                self._say(score, before, empty | zeroed)
            self.ledger.disqualify(np.where(zeroed, score, 0))
            self.results["lead_score"] = pl.Series(np.where(zeroed, 0, score))
        for name in NUMBERS & set(self.results):
            self.results[name] = self.results[name].set(pl.Series(empty), None)
        if "lead_priority_index" in self.results:
            without = self.results["lead_priority"].is_null()
            self.results["lead_priority_index"] = self.results["lead_priority_index"].set(without, None)
        return empty

    def _say(self, score: Ints, before: pl.Series, unsaid: Flags) -> None:
        """Write what made the score, and why it is worth a call now."""
        items = self.items = shares(self.ledger, score)
        self.said_alone = before.is_not_null().to_numpy()
        known = self.leads.hstack(self.figures).drop(self.scorer.borrowed, strict=False)
        self.results["lead_why_now"] = why_now(self.card, self.ledger, items, known, before)
        self.results["lead_score_reasons"] = reasons(self.ledger, items, score, self.card.zone, before, unsaid)
        if self.scorer.says_chance and self.scorer.likelihood and LIKELIHOOD in self.results:
            found = pl.DataFrame([self.results[name].alias(name) for name in CHANCES if name in self.results])
            fitted, ledger = self.scorer.likelihood, self.ledger
            quiet = quiet_since(self.card, fitted, ledger) if self.scorer.says_silence else nothing_said(ledger)
            self.results[WHY_LIKELY] = why_likely(fitted, ledger, items, found, quiet, before)

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
            "criteria": criteria(self.card.grade, grades),
        }
        return with_schema(columns, GRADES, self.leads.height)
