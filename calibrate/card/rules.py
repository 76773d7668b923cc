"""Candidate rules, each with a column for a panel and an entry for a scorecard."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from calibrate.card.halflife import GRID
from calibrate.past.panel import Panel
from calibrate.statistics.fit import RIDGE, Floats, with_intercept

Column = NDArray[np.float32]
EXAMPLES: Final = (0.1, 0.3, 1.0)
"""Parts of the way to the most that are told."""
RIDGE_PER_UNIT: Final = RIDGE / 4
"""Few leads have the most of a number, and one rule says all of it: the usual ridge would hold that back."""
REACH: Final = 2.0
"""Points per unit may reach this multiple of the points of another rule, since they say all of a number."""


class Candidate(Protocol):
    """The interface of a rule for selection, fit and report."""

    @property
    def name(self) -> str:
        """Return a name for people."""

    @property
    def part(self) -> Literal["fit", "engagement"]:
        """Return the section it belongs to."""

    @property
    def subjects(self) -> tuple[str, ...]:
        """Return the fields or kinds it uses."""

    def column(self, panel: Panel) -> Column:
        """Return how often it counts in each snapshot, after decay and cap."""

    def entry(self, points: int) -> dict[str, Any]:
        """Return the rule as a scorecard entry."""


@dataclass(frozen=True)
class LeadRule:
    """Fires once if a condition on the lead's fields is true."""

    name: str
    condition: dict[str, Any]
    test: pl.Expr = field(compare=False, hash=False)
    subjects: tuple[str, ...] = ()
    part: Literal["fit", "engagement"] = "fit"

    def column(self, panel: Panel) -> Column:
        """Return 1 if the condition is true, else 0, also for unknown."""
        return panel.fields.select(self.test.fill_null(value=False).cast(pl.Float32)).to_series().to_numpy()

    def entry(self, points: int) -> dict[str, Any]:
        """Return the rule as a scorecard entry."""
        return {"name": self.name, "lead": self.condition, "points": points}

    def both(self, other: "LeadRule") -> "LeadRule":
        """Return the rule that fires if both this one and the other do."""
        return LeadRule(
            f"{self.name} + {other.name}",
            _together(self.condition, other.condition),
            self.test & other.test,
            self.subjects + other.subjects,
        )


def _together(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    return {"all": [one, other]} if set(one) & set(other) else {**one, **other}


@dataclass(frozen=True)
class NumberRule:
    """Points per unit of a number, in the shape that the current card gives them; its size is learned."""

    name: str
    rule: dict[str, Any] = field(compare=False, hash=False)
    """The rule as it is written."""
    share: pl.Expr = field(compare=False, hash=False)
    """The share of its maximum that the number gives."""
    subjects: tuple[str, ...] = ()
    part: Literal["fit", "engagement"] = "fit"

    @property
    def condition(self) -> dict[str, Any]:
        """Return what tells it from other rules."""
        return {name: value for name, value in self.rule.items() if name != "name"}

    @property
    def measured(self) -> str:
        """Return the number it gives points for."""
        return str(self.rule["number"])

    def column(self, panel: Panel) -> Column:
        """Return the share of the maximum."""
        return panel.fields.select(self.share.cast(pl.Float32)).to_series().to_numpy()

    def entry(self, points: int) -> dict[str, Any]:
        """Return the rule as a scorecard entry that gives at most these points."""
        given, maximum = self.rule["points"], float(self.rule["maximum"])
        size = points / math.copysign(maximum, float(given["give"]))
        scaled = {**given, "give": _settled(float(given["give"]) * size)}
        entry = {**self.rule, "points": scaled, "maximum": abs(points)}
        if "missing" in self.rule:
            entry["missing"] = _settled(float(self.rule["missing"]) * size)
        return entry


def in_words(entry: Mapping[str, Any]) -> str:
    """Return how many points a rule over a number gives per unit; nothing for other rules."""
    if "number" not in entry:
        return ""
    points = entry["points"]
    shape = {"even": "", "root": " times the root", "log": " times log2(1 + x)"}[points.get("shape", "even")]
    above = f" above {points['from']:,g}" if points.get("from") else ""
    missing = f", {entry['missing']:+g} if missing" if entry.get("missing") else ""
    unit = " days" if isinstance(entry["number"], Mapping) else ""
    said = f"{points['give']:+g}{shape} per {points['per']:,g}{unit}{above}, at most {abs(entry['maximum']):g}{missing}"
    return f"{said}; {_examples(points, abs(float(entry['maximum'])))}" if shape else said


def _examples(points: Mapping[str, Any], maximum: float) -> str:
    """Return what three numbers get, since few people take roots in their heads."""
    give, per, since = float(points["give"]), float(points["per"]), float(points.get("from", 0))
    root, units = points["shape"] == "root", maximum / abs(give)
    span = per * (units**2 if root else 2**units - 1)
    told = []
    for part in EXAMPLES:
        number = float(f"{since + part * span:.2g}")
        times = max(number - since, 0.0) / per
        size = min(abs(give) * (math.sqrt(times) if root else math.log2(1 + times)), maximum)
        told.append(f"at {number:,g}: {math.copysign(round(size), give):+g}")
    return ", ".join(told)


def _settled(points: float) -> int | float:
    """Return points as a person may read them, with twelve digits."""
    short = float(f"{points:.12g}")
    return int(short) if short.is_integer() else short


@dataclass(frozen=True)
class ActivityRule:
    """Counts activities in the look-back, with decay and a cap; with `ever`, only whether there was one."""

    signal: int
    name: str
    condition: dict[str, Any] = field(compare=False, hash=False)
    look_back: float = 180.0
    """Infinite if all activities count."""
    half_life: int = 0
    cap: float | None = None
    ever: bool = False
    once: bool = False
    """Whether no lead has more than one, so that points for one are the most it gives."""
    part: Literal["fit", "engagement"] = "engagement"

    @property
    def subjects(self) -> tuple[str, ...]:
        """Return the kinds of activity."""
        kind = self.condition.get("kind", ())
        return (kind,) if isinstance(kind, str) else tuple(kind)

    @property
    def days(self) -> float | None:
        """Return the half-life in days."""
        return GRID[self.half_life]

    def column(self, panel: Panel) -> Column:
        """Return the decayed count up to the cap; with `ever`, 1 if there was one."""
        if self.ever:
            return np.minimum(panel.ever[:, self.signal], 1.0).astype(np.float32)
        count = panel.counts[self.half_life][:, self.signal]
        return count if self.cap is None else np.minimum(count, np.float32(self.cap))

    def entry(self, points: int) -> dict[str, Any]:
        """Return the rule as a scorecard entry."""
        rule = {"name": self.name, "activity": self.condition, "points": points}
        if self.ever:
            return {**rule, "award": "once"}
        faded = {} if self.days is None else {"half_life": f"{self.days:g}d"}
        cut = {} if self.cap is None else {"maximum": round(abs(points) * self.cap)}
        within = {} if math.isinf(self.look_back) else {"within": f"{self.look_back:g}d"}
        single = {"award": "once"} if self.once else {}
        return {**rule, **single, **within, **faded, **cut}


def reaches(rules: Sequence[Candidate]) -> Floats:
    """Return the multiple of the most points of a rule that each may give."""
    return np.array([REACH if isinstance(rule, NumberRule) else 1.0 for rule in rules], np.float64)


def ridges(rules: Sequence[Candidate]) -> Floats:
    """Return how strongly the weight of each rule is drawn towards zero."""
    return np.array([RIDGE_PER_UNIT if isinstance(rule, NumberRule) else RIDGE for rule in rules], np.float64)


def design(rules: Sequence[Candidate], panel: Panel) -> Floats:
    """Return ones, the columns of the rules, and what is fitted beside them."""
    rest = [] if panel.filled_in is None else [panel.filled_in]
    return with_intercept(np.column_stack([matrix(rules, panel), *rest]))


def matrix(rules: Sequence[Candidate], panel: Panel) -> Floats:
    """Return a matrix with the columns of the rules."""
    if not rules:
        return np.zeros((len(panel), 0))
    return np.column_stack([rule.column(panel) for rule in rules]).astype(np.float64)
