"""The current scorecard's rules: as candidates, as locked points and as the score to beat.

Everything is computed by `scoring` with small scorecards made for the purpose, so results are those of the CRM.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import polars as pl

from calibrate.fit import Floats
from calibrate.panel import Mask, Signal
from calibrate.rules import LeadRule
from calibrate.snapshots import moment_of
from scoring import Scorecard, score

NO_ACTIVITIES: Final = pl.DataFrame(
    schema={
        "lead": pl.String,
        "id": pl.String,
        "occurred_at": pl.Datetime("us", "UTC"),
        "touchpoint": pl.UInt32,
        "seconds": pl.Float64,
        "value": pl.Float64,
    }
)
NO_TOUCHPOINTS: Final = pl.DataFrame(
    schema={"touchpoint": pl.UInt32, "kind": pl.String, "url": pl.String, "name": pl.String}
)
PER_ACTIVITY: Final = frozenset({"seconds", "value", "occurred_at"})
ANY_TIME: Final = datetime(2000, 1, 1, tzinfo=UTC)

Entry = Mapping[str, Any]
"""A rule as in the YAML file."""


@dataclass(frozen=True)
class Old:
    """The current scorecard, as plain data from its YAML and as a model."""

    raw: Mapping[str, Any]
    card: Scorecard

    def entries(self, part: str) -> list[Entry]:
        """Return the rules of fit or engagement in order."""
        section = (self.raw.get("score") or {}).get(part) or {}
        return [rule for group in section.get("groups") or () for rule in group.get("rules") or ()]

    @property
    def names(self) -> list[str]:
        """Return the names of its rules."""
        return [str(entry["name"]) for part in ("fit", "engagement") for entry in self.entries(part)]

    def points_of(self, name: str, condition: Mapping[str, Any] | None = None) -> float:
        """Return the points that the rule of this name, or its table entry for this value, gives now."""
        for entry in [*self.entries("fit"), *self.entries("engagement")]:
            if entry["name"] == name and "points" in entry and "table" not in entry:
                return float(entry["points"])
            if condition and "table" in entry and set(condition) == {entry["table"]}:
                return _of_table(entry, condition[entry["table"]])
            if condition and condition == entry.get("lead", entry.get("activity")):
                return float(entry["points"])
        return 0.0


def _of_table(entry: Entry, value: Any) -> float:
    folded = {str(key).strip().lower(): points for key, points in entry["points"].items()}
    return float(folded.get(str(value).strip().lower(), 0.0))


def _card(old: Old, part: str, rules: Sequence[Entry]) -> Scorecard:
    """Return a scorecard with only these rules and without limits."""
    section = {"groups": [{"name": "Asked", "rules": list(rules)}]}
    return Scorecard.model_validate(
        {"scorecard": "asked", "fields": dict(old.raw.get("fields") or {}), "score": {part: section}}
    )


def lead_rules(old: Old, fields: pl.DataFrame, usable: Iterable[str]) -> tuple[list[LeadRule], pl.DataFrame]:
    """Return the card's rules on usable fields as candidates, and the fields with a column for each rule."""
    known = set(usable)
    asked = [entry for entry in old.entries("fit") if _plain(entry, known, set(old.card.fields))]
    if not asked or not len(fields):
        return [], fields
    hits = _hits(old, asked, fields)
    columns = [pl.Series(f"rule {number}", hits[number]) for number in range(len(asked))]
    rules = [
        LeadRule(
            str(entry["name"]), _data(entry["lead"]), pl.col(f"rule {number}"), tuple(_names(entry["lead"]) & known)
        )
        for number, entry in enumerate(asked)
    ]
    return rules, fields.with_columns(columns)


def _plain(entry: Entry, usable: set[str], declared: set[str]) -> bool:
    """Return whether a rule uses only usable fields and does not depend on the time."""
    if "lead" not in entry or "since" in entry:
        return False
    named = _names(entry["lead"])
    return (
        bool(named & declared)
        and named & declared <= usable
        and not named & {"activities", "unanswered", "surge", "within", "older_than", "within_next"}
    )


def _names(condition: Any) -> set[str]:
    if isinstance(condition, Mapping):
        return {str(key) for key in condition} | {name for value in condition.values() for name in _names(value)}
    return {name for value in condition for name in _names(value)} if isinstance(condition, list | tuple) else set()


def _data(condition: Any) -> Any:
    """Return a condition without the YAML reader's types."""
    if isinstance(condition, Mapping):
        return {str(key): _data(value) for key, value in condition.items()}
    return [_data(value) for value in condition] if isinstance(condition, list | tuple) else condition


def _hits(old: Old, entries: Sequence[Entry], fields: pl.DataFrame) -> dict[int, Mask]:
    rules = [{"name": str(number), "lead": entry["lead"], "points": 1} for number, entry in enumerate(entries)]
    rows = fields.with_columns(pl.int_range(pl.len()).cast(pl.String).alias("lead"))
    lines = score(rows, NO_ACTIVITIES, NO_TOUCHPOINTS, _card(old, "fit", rules), ANY_TIME, explain=True).lines
    assert lines is not None
    fired = lines.filter(pl.col("type") == "rule").select("name", pl.col("lead").cast(pl.Int64))
    hits = {number: np.zeros(len(fields), np.bool_) for number in range(len(entries))}
    for name, row in fired.iter_rows():
        hits[int(name)][row] = True
    return hits


def signals(old: Old, touchpoints: pl.DataFrame, locked: Sequence[str]) -> list[tuple[Signal, pl.Series]]:
    """Return the conditions of the card's activity rules, each with the touchpoints it matches."""
    asked = [
        entry
        for entry in old.entries("engagement")
        if "activity" in entry and entry["name"] not in locked and not _names(entry["activity"]) & PER_ACTIVITY
    ]
    if not asked or touchpoints.is_empty():
        return []
    rules = [{"name": str(number), "activity": entry["activity"], "points": 1} for number, entry in enumerate(asked)]
    lines = score(*_one_each(touchpoints), touchpoints, _card(old, "engagement", rules), ANY_TIME, explain=True).lines
    assert lines is not None
    fired = lines.filter(pl.col("type") == "rule").select("name", pl.col("lead").cast(pl.UInt32).alias("touchpoint"))
    return [
        (
            Signal(str(entry["name"]), _data(entry["activity"])),
            fired.filter(pl.col("name") == str(number))["touchpoint"],
        )
        for number, entry in enumerate(asked)
    ]


def _one_each(touchpoints: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return leads and activities where each touchpoint is the only activity of the lead with its number."""
    activities = touchpoints.select(
        pl.col("touchpoint").cast(pl.String).alias("lead"),
        pl.col("touchpoint").cast(pl.String).alias("id"),
        pl.lit(ANY_TIME).cast(pl.Datetime("us", "UTC")).alias("occurred_at"),
        "touchpoint",
        pl.lit(None, pl.Float64).alias("seconds"),
        pl.lit(None, pl.Float64).alias("value"),
    )
    return activities.select("lead"), activities


@dataclass(frozen=True)
class Past:
    """The data to score leads as of past days: ids, fields, days, activities and touchpoints."""

    lead: pl.Series
    fields: pl.DataFrame
    day: Floats
    activities: pl.DataFrame = field(default_factory=lambda: NO_ACTIVITIES)
    touchpoints: pl.DataFrame = field(default_factory=lambda: NO_TOUCHPOINTS)


def results(card: Scorecard, past: Past) -> pl.DataFrame:
    """Return the results for each snapshot, in order."""
    return _by_day(card, past, explain=False)


def rule_points(old: Old, names: Sequence[str], past: Past) -> Floats:
    """Return the points that the named rules give each snapshot, before any limit."""
    total = np.zeros(len(past.lead))
    for part in ("fit", "engagement"):
        rules = [entry for entry in old.entries(part) if entry["name"] in names]
        if rules:
            total += _by_day(_card(old, part, rules), past, explain=True)["points"].to_numpy()
    return total


def _by_day(card: Scorecard, past: Past, *, explain: bool) -> pl.DataFrame:
    rows = pl.DataFrame([past.lead.alias("lead"), pl.Series("day", past.day), *past.fields])
    rows = rows.with_columns(pl.int_range(pl.len()).alias("row"))
    concerned = past.activities.filter(pl.col("lead").is_in(past.lead.unique().implode()))
    parts = [_of_day(card, day, concerned, past.touchpoints, explain=explain) for day in rows.partition_by("day")]
    return pl.concat(parts).sort("row")


def _of_day(
    card: Scorecard, rows: pl.DataFrame, activities: pl.DataFrame, touchpoints: pl.DataFrame, *, explain: bool
) -> pl.DataFrame:
    leads = rows.drop("row", "day")
    theirs = activities.filter(pl.col("lead").is_in(leads["lead"].implode()))
    scored = score(leads, theirs, touchpoints, card, moment_of(float(rows["day"][0])), explain=explain)
    if not explain:
        return rows.select("row", "lead").join(scored.results, on="lead", maintain_order="left")
    assert scored.lines is not None
    points = scored.lines.filter(pl.col("type") == "rule").group_by("lead").agg(pl.col("points").sum())
    return (
        rows.select("row", "lead")
        .join(points, on="lead", how="left", maintain_order="left")
        .with_columns(pl.col("points").fill_null(0.0))
    )
