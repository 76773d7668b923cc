"""Candidate rules that give points per unit of a number, up to a cap, with bounds found in what is learned from."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

import numpy as np
import polars as pl

from calibrate.card.rules import NumberRule
from calibrate.learning.bins import cuts, plain, shown, words
from calibrate.past.panel import Panel

Shape = Literal["even", "root", "log"]
FEWEST_VALUES: Final = 4
"""With fewer different numbers, thresholds say the same."""
KNOTS: Final = 6
HIGH: Final = 0.98
FINEST: Final = 100
"""The most units of a curve of the shape `log`."""
NEAR_ZERO: Final = 0.1
"""A lowest number that is this part of the range above zero counts as zero."""
DIGITS: Final = 2
ENDS: Final[tuple[tuple[Shape, int, int], ...]] = (
    ("even", 0, 3),
    ("even", 0, 5),
    ("even", 0, 7),
    ("even", 2, 5),
    ("even", 2, 7),
    ("even", 4, 7),
    ("root", 0, 5),
    ("root", 0, 7),
    ("log", 0, 7),
)
"""Shapes with the knots where they begin and where they reach their most."""


@dataclass(frozen=True)
class Number:
    """A number that points can be given for: a field, or the days since or until a time."""

    column: str
    """Where it stands in panels."""
    subject: str
    """The field."""
    label: str
    unit: str
    """What its figures are of, as words that follow them."""
    written: Any = field(compare=False, hash=False)
    """What the scorecard calls it."""

    @classmethod
    def of_field(cls, name: str) -> "Number":
        """Return a number field."""
        return cls(name, name, words(name), "", name)


@dataclass(frozen=True)
class Growth:
    """The points of a number: `give` times its units above `since`, as they are, √ or log2(1 + …), at most `most`."""

    shape: Shape
    since: float
    per: float
    give: float
    most: float

    @classmethod
    def between(cls, shape: Shape, since: float, until: float, per: float) -> "Growth":
        """Return one that begins and reaches its most there."""
        return cls(shape, since, per, 1.0, _shaped(shape, (until - since) / per))

    def share(self, number: pl.Expr) -> pl.Expr:
        """Return the share of the most that a number gets."""
        units = (number - self.since).clip(0.0) / self.per
        shaped = {"even": units, "root": units.sqrt(), "log": (1 + units).log(2)}[self.shape]
        return (self.give * shaped / self.most).clip(0.0, 1.0)

    def settled(self, most: int) -> "Growth":
        """Return nearly the same with this most, and with a unit and points of one that a person can read."""
        units = self.most / self.give
        if self.shape == "log":
            return replace(self, give=_short(most / units), most=float(most))
        power = 1 if self.shape == "even" else 2
        per = self.per * (units / most) ** power
        if per >= 1:
            return replace(self, per=_short(per), give=1.0, most=float(most))
        return replace(self, per=1.0, give=_short(per ** (-1 / power)), most=float(most))

    @property
    def until(self) -> float:
        """Return the number that gets the most."""
        units = self.most / self.give
        return self.since + self.per * {"even": units, "root": units**2, "log": 2**units - 1}[self.shape]


def _shaped(shape: Shape, units: float) -> float:
    return float({"even": units, "root": units**0.5, "log": np.log2(1 + units)}[shape])


def _short(number: float, digits: int = DIGITS) -> float:
    """Return a number with two digits, or more."""
    return float(f"{number:.{digits}g}")


@dataclass(frozen=True, kw_only=True)
class AmountRule(NumberRule):
    """Points per unit of a number whose bounds were found in the data."""

    of: Number
    growth: Growth
    missing: float = 0.0
    """The share of the most that a missing value gets."""
    until: float
    """Where it reached its most before its unit was rounded, for people."""

    def settled(self, points: int) -> "AmountRule":
        """Return the rule as the scorecard has it with these points at most: what it gives is what is scored."""
        missing = round(self.missing * abs(points)) / abs(points)
        return amount(self.of, self.growth.settled(abs(points)), self._called(points), missing, self.until)

    def _called(self, points: int) -> str:
        """Return a name that is true of every lead it gives points to."""
        above = f" above {shown(self.growth.since)}" if self.growth.since else ""
        fewer = ", the fewer points" if points < 0 else ""
        how = "" if self.growth.shape == "even" else f", {self.growth.shape}"
        missing = ", or missing" if self.missing else ""
        end = f"{shown(_short(self.until, 4))}{self.of.unit}"
        return f"{self.of.label}: the more{above}{fewer}, up to {end}{how}{missing}"


def amount(of: Number, growth: Growth, name: str, missing: float = 0.0, until: float | None = None) -> AmountRule:
    """Return the rule that gives points for a number; `until` where its most is reached, if that was rounded since."""
    end = growth.until if until is None else until
    given: dict[str, Any] = {"give": plain(growth.give), "per": plain(growth.per)}
    given |= {"from": plain(growth.since)} if growth.since else {}
    given |= {"shape": growth.shape} if growth.shape != "even" else {}
    rule = {"name": name, "number": of.written, "points": given, "maximum": growth.most}
    rule |= {"missing": missing * growth.most} if missing else {}
    share = growth.share(pl.col(of.column)).fill_null(missing)
    return AmountRule(name, rule, share, (of.subject,), of=of, growth=growth, missing=missing, until=end)


def number_rules(
    panel: Panel, sources: Iterable[Number], fewest: int, masked: Collection[str] = ()
) -> list[AmountRule]:
    """Return candidates for numbers that enough leads have.

    Where enough have none, a missing value may count as the average, unless its emptiness is masked.
    """
    return [rule for source in sources for rule in _rules(panel, source, fewest, masked)]


def _rules(panel: Panel, of: Number, fewest: int, masked: Collection[str]) -> Iterator[AmountRule]:
    column = panel.fields[of.column]
    known = column.is_not_null().to_numpy()
    if len(np.unique(panel.lead[known])) < fewest or column.drop_nulls().n_unique() < FEWEST_VALUES:
        return
    some_missing = of.subject not in masked and len(np.unique(panel.lead[~known])) >= fewest
    for growth in _growths(_knots(column)):
        how = "" if growth.shape == "even" else f", {growth.shape}"
        called = f"{of.label}: {shown(growth.since)} to {shown(_short(growth.until, 4))}{of.unit}{how}"
        yield amount(of, growth, called)
        if some_missing:
            average = float(panel.fields.select(growth.share(pl.col(of.column)).mean()).item())
            yield amount(of, growth, f"{called}, or missing", average)


def _growths(knots: Sequence[float]) -> list[Growth]:
    """Return curves between the knots."""
    found = []
    for shape, first, last in ENDS:
        since, until = knots[min(first, len(knots) - 2)], knots[min(last, len(knots) - 1)]
        if since < until:
            per = _short(max((knots[len(knots) // 2] - since) / 2, (until - since) / FINEST))
            found.append(Growth.between(shape, since, until, per))
    return list(dict.fromkeys(found))


def _knots(column: pl.Series) -> list[float]:
    """Return round numbers that split the values, with the ends."""
    known = column.drop_nulls()
    low, high = float(known.min()), float(known.quantile(HIGH, "higher") or 0.0)  # type: ignore[arg-type] # a number
    low = 0.0 if 0 < low < NEAR_ZERO * (high - low) else low
    inner = [cut for cut in cuts(column, KNOTS) if low < cut < high]
    return [low, *inner, _short(high, 3)]
