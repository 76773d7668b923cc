"""Overview: how all leads would stand after a run: their scores, grades, stages and priorities, and what is missing."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import polars as pl

from pipeline.planning.movement import NONE
from scoring import Scorecard
from scoring.card.letters import UNKNOWN
from scoring.expecting import Expected
from vocabulary.links import Links
from vocabulary.outputs import INSUFFICIENT

BIN: Final = 10
TOP: Final = 100
"""The highest score of the usual scale, which is in its last bin."""
SAMPLES: Final = 3
"""How many leads of each priority are shown."""
EXAMPLES: Final = 5
"""How many leads with missing data are shown."""
FIELDS: Final = 8
"""How many of the fields that are missing most often are shown."""


@dataclass(frozen=True, slots=True)
class Bin:
    """How many leads have a score from `low` up to, not including, `high`."""

    low: int
    high: int
    before: int
    after: int

    @property
    def last(self) -> int:
        """The highest score in it."""
        return TOP if self.low == TOP - BIN else self.high - 1


@dataclass(frozen=True, slots=True)
class Cell:
    """How many leads have a grade and a stage."""

    grade: str
    stage: str
    leads: int


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a number of calls a week reaches, the most urgent leads first."""

    capacity: int
    leads: int
    """How many leads have a priority."""
    priority: str | None
    """The priority of the last lead that is reached; None if no lead has one."""
    index: int | None
    of_priority: int
    """How many leads have that priority."""
    expected: Expected | None = None
    """How many of those who are reached are expected to convert; None without a likelihood."""

    @property
    def sentence(self) -> str:
        """How far it reaches, in words, and what is expected of it."""
        return " ".join([self._line, *([self.expected.sentence] if self.expected else [])])

    @property
    def _line(self) -> str:
        calls = "1 call a week reaches" if self.capacity == 1 else f"{self.capacity:,} calls a week reach"
        if self.priority is None:
            return f"No lead has a priority, so {calls} nobody."
        if self.capacity >= self.leads:
            return f"{calls} all {self.leads:,} leads with a priority."
        down_to = "" if self.index is None else f" to priority index {self.index}"
        return f"{self.priority} has {self.of_priority:,} leads; {calls} {self.priority}{down_to}."


@dataclass(frozen=True, slots=True)
class Sample:
    """A lead of a priority, and the reasons of its score."""

    lead: str
    link: str | None
    priority: str
    index: int | None
    score: int | None
    grade: str
    stage: str
    reasons: str
    why: str | None
    """Why it is written; None if it is not."""


@dataclass(frozen=True, slots=True)
class Missing:
    """The leads of which too little is known to score them, and which fields they lack most often."""

    leads: int = 0
    fields: Mapping[str, int] = field(default_factory=dict)
    """How many of them lack each field, most frequent first."""
    examples: Sequence[tuple[str, str | None]] = ()
    """Some of them, each with its link."""


@dataclass(frozen=True, slots=True)
class Overview:
    """How all leads would stand after a run."""

    scores: Sequence[Bin]
    grades: Sequence[Cell]
    stages: Sequence[str]
    """The stages that any of the leads is in, earliest first."""
    priorities: Mapping[str, int]
    """How many leads have each priority."""
    reach: Reach | None
    samples: Sequence[Sample]
    missing: Missing

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        told = asdict(self)
        told["missing"]["examples"] = [{"lead": lead, "link": link} for lead, link in self.missing.examples]
        return told | {"reach": asdict(self.reach) | {"sentence": self.reach.sentence} if self.reach else None}


def distribution(frame: pl.DataFrame) -> list[Bin]:
    """Return the scores before and after in bins of ten points; 100 is in the last one of a scale from 0 to 100."""
    before, after = _binned(frame.filter("known")["told_lead_score"]), _binned(frame["lead_score"])
    starts = {*before, *after}
    if not starts:
        return []
    return [
        Bin(start, start + BIN, before.get(start, 0), after.get(start, 0))
        for start in range(min(starts), max(starts) + BIN, BIN)
    ]


def _binned(scores: pl.Series) -> dict[int, int]:
    known = scores.drop_nulls()
    starts = ((known - (known == TOP)) // BIN * BIN).value_counts()
    return dict(starts.iter_rows())


def grades_by_stage(frame: pl.DataFrame, grades: Sequence[str], stages: Sequence[str]) -> list[Cell]:
    """Return how many leads have each grade and stage after the run, best grades first."""
    counted = frame.group_by("lead_grade", "lead_readiness").len()
    cells = [Cell(grade or UNKNOWN, stage or NONE, leads) for grade, stage, leads in counted.iter_rows()]
    return sorted(cells, key=lambda cell: (_place(cell.grade, grades), _place(cell.stage, stages)))


def _place(value: str, order: Sequence[str]) -> tuple[int, str]:
    return (order.index(value), "") if value in order else (len(order), value)


def priorities(frame: pl.DataFrame, names: Sequence[str]) -> dict[str, int]:
    """Return how many leads have each priority after the run, best first."""
    counted = dict(frame["lead_priority"].value_counts().iter_rows())
    return {name or NONE: counted[name] for name in (*names, None) if name in counted}


def _ranked(frame: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Return the leads with a priority, the most urgent first."""
    level = pl.col("lead_priority").cast(pl.Enum(names))
    index = pl.col("lead_priority_index")
    return frame.drop_nulls("lead_priority").sort(
        level, index, "lead", descending=[False, True, False], nulls_last=True
    )


Expecting = Callable[[Sequence[str]], Expected | None]
"""What is expected of some leads."""


def reach(frame: pl.DataFrame, capacity: int, names: Sequence[str], expecting: Expecting = lambda _: None) -> Reach:
    """Return how far a number of calls a week reaches. `names`: the priorities, best first."""
    ranked = _ranked(frame, names)
    if ranked.is_empty():
        return Reach(capacity, 0, None, None, 0)
    expected = expecting(ranked["lead"].head(capacity).to_list())
    last = ranked.row(min(capacity, ranked.height) - 1, named=True)
    of_priority = ranked.filter(pl.col("lead_priority") == last["lead_priority"]).height
    return Reach(capacity, ranked.height, last["lead_priority"], last["lead_priority_index"], of_priority, expected)


@dataclass
class Samples:
    """Collects the most urgent leads of each priority, chunk by chunk."""

    links: Links
    priorities: Sequence[str]
    """Their names, best first."""
    kept: list[pl.DataFrame] = field(default_factory=list)

    def add(self, results: pl.DataFrame) -> None:
        """Add the results of a chunk."""
        self._keep([results.select(*_SHOWN)])

    def merge(self, other: "Samples") -> None:
        """Add those of other chunks."""
        self._keep(other.kept)

    def _keep(self, more: Sequence[pl.DataFrame]) -> None:
        ranked = _ranked(pl.concat([*self.kept, *more]), self.priorities)
        self.kept = [ranked.group_by("lead_priority", maintain_order=True).head(SAMPLES).select(*_SHOWN)]

    def list(self) -> list[Sample]:
        """Return the samples, most urgent first."""
        return [self._sample(row) for frame in self.kept for row in frame.iter_rows(named=True)]

    def _sample(self, row: Mapping[str, Any]) -> Sample:
        return Sample(
            lead=row["lead"],
            link=self.links.of(row["lead"]),
            priority=row["lead_priority"],
            index=row["lead_priority_index"],
            score=row["lead_score"],
            grade=row["lead_grade"] or UNKNOWN,
            stage=row["lead_readiness"] or NONE,
            reasons=row["lead_score_reasons"] or "",
            why=row["why"],
        )


_SHOWN: Final = (
    "lead",
    "lead_priority",
    "lead_priority_index",
    "lead_score",
    "lead_grade",
    "lead_readiness",
    "lead_score_reasons",
    "why",
)


@dataclass
class Lacking:
    """Counts the leads of which too little is known, and the fields that they lack, chunk by chunk."""

    links: Links
    fields: Collection[str]
    """The fields that the scorecard declares."""
    leads: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    def add(self, results: pl.DataFrame, leads: pl.DataFrame) -> None:
        """Add the results of a chunk and the fields of its leads."""
        few = results.filter(pl.col("lead_score_status") == INSUFFICIENT).select("lead")
        lacking = leads.join(few, on="lead", how="semi")
        self.leads += lacking.height
        self.counts.update({name: lacking[name].null_count() for name in self.fields if name in lacking.columns})
        self.examples = sorted([*self.examples, *lacking["lead"].to_list()])[:EXAMPLES]

    def merge(self, other: "Lacking") -> None:
        """Add those of other chunks."""
        self.leads += other.leads
        self.counts.update(other.counts)
        self.examples = sorted([*self.examples, *other.examples])[:EXAMPLES]

    def missing(self) -> Missing:
        """Return what is missing."""
        often = {name: leads for name, leads in self.counts.most_common(FIELDS) if leads}
        return Missing(self.leads, often, [(lead, self.links.of(lead)) for lead in self.examples])


@dataclass
class Overlooking:
    """Collects the parts of an overview that need more than the few columns of a movement, chunk by chunk."""

    samples: Samples
    lacking: Lacking

    @classmethod
    def of(cls, card: Scorecard, links: Links) -> "Overlooking":
        """Return one without any chunk."""
        return cls(Samples(links, card.priorities), Lacking(links, tuple(card.fields)))

    def add(self, results: pl.DataFrame, leads: pl.DataFrame) -> None:
        """Add the results of a chunk, with `why`, and the fields of its leads."""
        self.samples.add(results)
        self.lacking.add(results, leads)

    def merge(self, other: "Overlooking") -> None:
        """Add what other chunks gave."""
        self.samples.merge(other.samples)
        self.lacking.merge(other.lacking)

    def overview(self, card: Scorecard, frame: pl.DataFrame, capacity: int | None, expecting: Expecting) -> Overview:
        """Return the overview of all leads, of which `frame` has the new and the old values."""
        grades = tuple(card.grade.bands) if card.grade else ()
        stages = card.readiness.names if card.readiness else ()
        return Overview(
            scores=distribution(frame),
            grades=(cells := grades_by_stage(frame, grades, stages)),
            stages=sorted({cell.stage for cell in cells}, key=lambda stage: _place(stage, stages)),
            priorities=priorities(frame, card.priorities),
            reach=None if capacity is None else reach(frame, capacity, card.priorities, expecting),
            samples=self.samples.list(),
            missing=self.lacking.missing(),
        )
