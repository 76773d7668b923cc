"""What each rule of the scorecard in use does: for whom it fires, what it gives, and who converted with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

import polars as pl

from pages.scorecard.desk import Count, Desk
from pages.scorecard.reading import dotted
from pipeline import clock
from pipeline.job import ActiveScorecard, Job
from scoring import Scorecard
from watch.reading import Ground
from watch.rules import judged, rules_of
from watch.sample import Sample

EVERY: Final = timedelta(minutes=15)
"""How old figures may become while passes change the leads."""


@dataclass(frozen=True, slots=True)
class RuleFigures:
    """What one rule does in the sample."""

    fired: int
    share: float
    points: float | None
    """What it gives on average where it fires."""
    converted_with: float | None
    converted_without: float | None
    """Which share converted of the leads that it fired for one horizon before, and of the others."""
    difference: Sequence[float] | None
    """The interval of the difference of both."""
    unread: Sequence[str]
    """The fields whose past is not known, so that nothing is said of conversions."""
    verdict: str
    latest: datetime | None
    """When the latest activity happened that it counts."""

    @property
    def lift(self) -> float | None:
        """How many times as often leads convert that it fires for; None if that cannot be said."""
        if self.converted_with is None or not self.converted_without:
            return None
        return self.converted_with / self.converted_without


@dataclass(frozen=True, slots=True)
class Figures:
    """What the rules of a scorecard do, by their keys."""

    rules: Mapping[str, RuleFigures]
    leads: int
    everybody: bool
    as_of: datetime
    then: datetime
    converted: int
    open: int
    """How many of the leads of then were open, and how many of these converted since."""
    change: int

    @property
    def unread(self) -> bool:
        """Whether something is not said because the past of a field is not read."""
        return any(rule.unread for rule in self.rules.values())


def figures(desk: Desk, job: Job, box: ActiveScorecard) -> Count:
    """Return the figures, which are counted in the background; those of before until newer ones are there."""
    key = ("rules", job.name, box.prefix, box.card.digest)

    def work(_: Count) -> Figures:
        return counted(job, box)

    known = desk.counted(key, work)
    if isinstance(known.result, Figures) and _is_old(known.result, job):
        desk.renew(key, work)
    return known


def _is_old(found: Figures, job: Job) -> bool:
    return clock.now() - found.as_of > EVERY and job.store.changes(job.name) != found.change


def numbered(card: Scorecard) -> Scorecard:
    """Return a scorecard whose rules are named by their places, which tells those of the same name apart."""
    data = card.written()
    for name, section in (data.get("score") or {}).items():
        for number, group in enumerate(section.get("groups", ()) if isinstance(section, dict) else ()):
            for place, rule in enumerate(group["rules"]):
                rule["name"] = dotted(("score", name, "groups", number, "rules", place))
    return Scorecard.model_validate(data)


def counted(job: Job, box: ActiveScorecard) -> Figures:
    """Count what the rules of a scorecard for leads do."""
    change, now = job.store.changes(job.name), clock.now()
    sample = Sample(Ground(job, replace(box, card=numbered(box.card)), now))
    known = rules_of(sample.ground.active.card, sample.replayable)
    lines, people = sample.lines_now, sample.people_then
    rows = judged(known, lines, sample.leads.height, sample.lines_then, people)
    latest = _latest(pl.concat([lines, sample.lines_then]))
    return Figures(
        {row["rule"]: _figures(row, latest) for row in rows},
        sample.leads.height,
        sample.everybody,
        now,
        sample.then,
        int(people["came"].sum()),
        people.height,
        change,
    )


def _figures(row: Mapping[str, Any], latest: Mapping[str, datetime | None]) -> RuleFigures:
    return RuleFigures(
        row["fired"],
        row["share"] or 0.0,
        row["points"],
        row["with"],
        row["without"],
        row["difference"],
        row["unread"],
        row["verdict"],
        latest.get(row["rule"]),
    )


def _latest(lines: pl.DataFrame) -> dict[str, datetime | None]:
    return dict(lines.group_by("name").agg(pl.col("latest").max()).iter_rows())
