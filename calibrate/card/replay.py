"""Scores leads or accounts as they were on past days, with `scoring` itself."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Literal, get_args

import numpy as np
import polars as pl

from calibrate.card.current_card import NO_ACTIVITIES, NO_TOUCHPOINTS, Old
from calibrate.past.deals import PastDeals
from calibrate.past.snapshots import moment_of
from calibrate.statistics.fit import Floats
from scoring import Related, Scorecard, Scored, Scorer
from scoring.card.accounts import ACCOUNT_ID
from scoring.card.rules.base import LineType
from scoring.history import Touchpoints

Wanted = Literal["results", "points", "rules"]
"""What of snapshots: their results, the points of all rules together, or those of each rule."""
Reasons = Sequence[tuple[str, float]]
"""Names of rules and their points."""
NO_ROWS: Final = pl.Schema({"row": pl.Int64(), "lead": pl.String(), "points": pl.Float64()})


@dataclass(frozen=True)
class Past:
    """The data to score leads or accounts as of past days: ids, fields, days, activities and touchpoints."""

    lead: pl.Series
    fields: pl.DataFrame
    day: Floats
    activities: pl.DataFrame = field(default_factory=lambda: NO_ACTIVITIES)
    touchpoints: pl.DataFrame = field(default_factory=lambda: NO_TOUCHPOINTS)
    people: "Past | None" = None
    """The leads of accounts on these days, with the `account` of each among the fields."""
    deals: PastDeals | None = None

    @property
    def rows(self) -> pl.DataFrame:
        """Return `lead`, `day` and the fields."""
        return pl.DataFrame([self.lead.alias("lead"), pl.Series("day", self.day), *self.fields])


def results(card: Scorecard, past: Past) -> pl.DataFrame:
    """Return the results for each snapshot, in order."""
    return _by_day(card, past, "results")


def points_by_rule(old: Old, names: Sequence[str], past: Past) -> dict[str, Floats]:
    """Return the points that each of the named rules gives each snapshot in its group, before any limit."""
    lines = _by_day(old.only(names), past, "rules")
    return {name: _spread(lines.filter(pl.col("name") == name), len(past.day)) for name in names}


def reasons(card: Scorecard, past: Past) -> list[Reasons]:
    """Return which rules give each snapshot how many points; those of people are left out, as they have names."""
    told: list[list[tuple[str, float]]] = [[] for _ in past.day]
    for row, name, points in _by_day(card, past, "rules").select("row", "name", "points").iter_rows():
        told[row].append((name, points))
    return list(told)


def _spread(lines: pl.DataFrame, rows: int) -> Floats:
    given = np.zeros(rows)
    np.add.at(given, lines["row"].to_numpy(), lines["points"].to_numpy())
    return given


def rule_points(old: Old, names: Sequence[str], past: Past) -> Floats:
    """Return the points that the named rules give each snapshot in their groups, before any limit.

    What the people of an account give counts too.
    """
    return _by_day(old.only(names), past, "points")["points"].to_numpy()


def _by_day(card: Scorecard, past: Past, wanted: Wanted) -> pl.DataFrame:
    if not len(past.day):
        return NO_ROWS.to_frame().with_columns(name=pl.lit(""))
    people = past if past.people is None else past.people
    scorer, concerned = (
        Scorer(card, texts=False),
        past.activities.filter(pl.col("lead").is_in(people.lead.unique().implode())),
    )
    replay = _Replay(scorer, concerned, scorer.touchpoints(past.touchpoints), past.deals, wanted)
    rows = past.rows.with_columns(pl.int_range(pl.len()).alias("row")).partition_by("day")
    if past.people is None:
        parts = [replay.leads(each) for each in rows]
    else:
        theirs = past.people.rows.partition_by("day", as_dict=True)
        parts = [replay.accounts(each, theirs[each["day"][0],]) for each in rows]
    return pl.concat(parts).sort("row")


@dataclass(frozen=True)
class _Replay:
    """Scores what was on past days."""

    scorer: Scorer
    activities: pl.DataFrame
    places: Touchpoints
    deals: PastDeals | None
    wanted: Wanted

    def leads(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return the results of leads on one day, or the points of each."""
        return self._told(rows, self._scored(rows.drop("row", "day"), _day(rows), self._related(rows)))

    def accounts(self, rows: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
        """Return the same of accounts with their leads on one day."""
        accounts = rows.drop("row", "day").rename({"lead": ACCOUNT_ID})
        scored = self._scored(people.drop("day"), _day(rows), replace(self._related(rows), accounts=accounts)).accounts
        assert scored is not None, "the scorecard scores accounts"
        return self._told(rows, scored)

    def _related(self, rows: pl.DataFrame) -> Related:
        deals = None if self.deals is None else self.deals.at(float(rows["day"][0]))
        return Related(deals, assigned=True)

    def _scored(self, leads: pl.DataFrame, as_of: datetime, related: Related) -> Scored:
        theirs = self.activities.filter(pl.col("lead").is_in(leads["lead"].implode()))
        return self.scorer.score(leads, theirs, self.places, as_of, related=related, explain=self.wanted != "results")

    def _told(self, rows: pl.DataFrame, scored: Scored) -> pl.DataFrame:
        asked = rows.select("row", "lead")
        if self.wanted == "rules":
            return _each_rule(asked, scored.lines)
        if self.wanted == "results":
            return asked.join(scored.results, on="lead", how="left", maintain_order="left")
        points = (
            scored.lines.filter(pl.col("type").is_in(get_args(LineType))).group_by("lead").agg(pl.col("points").sum())
        )
        found = asked.join(points, on="lead", how="left", maintain_order="left")
        return found.with_columns(pl.col("points").fill_null(0.0))


def _each_rule(asked: pl.DataFrame, lines: pl.DataFrame | None) -> pl.DataFrame:
    """Return `row`, `name` and `points` of the rules that give points."""
    assert lines is not None
    points = lines.filter(pl.col("type") == "rule").group_by("lead", "name").agg(pl.col("points").sum())
    return asked.join(points, on="lead").select("row", pl.col("name").cast(pl.String), "points")


def _day(rows: pl.DataFrame) -> datetime:
    return moment_of(float(rows["day"][0]))
