"""Candidate rules on lead fields: levels, thresholds and flags, found in the snapshots that are learned from."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import numpy as np
import polars as pl

from calibrate.card.rules import LeadRule
from calibrate.past.panel import Panel
from vocabulary.fields import FieldType

FEWEST_LEADS: Final = 30
MOST_LEVELS: Final = 30
MOST_CUTS: Final = 8
DIGITS: Final = 2


def lead_rules(panel: Panel, declared: Mapping[str, FieldType], fewest: int = FEWEST_LEADS) -> list[LeadRule]:
    """Return the candidates that at least `fewest` leads meet and at least `fewest` do not."""
    frame = _with_leads(panel)
    by_field = (rule for name, kind in declared.items() for rule in _rules(frame, name, kind, fewest))
    return common(panel, by_field, fewest)


def common(panel: Panel, rules: Iterable[LeadRule], fewest: int) -> list[LeadRule]:
    """Return the rules that at least `fewest` leads meet and at least `fewest` do not."""
    frame = _with_leads(panel)
    return [rule for rule in rules if fewest <= _leads(frame, rule) <= panel.leads - fewest]


def known_rules(panel: Panel, names: Iterable[str], fewest: int = FEWEST_LEADS) -> list[LeadRule]:
    """Return one candidate per field: whether it has a value."""
    frame = _with_leads(panel)
    rules = [LeadRule(f"{words(name)}: known", {name: {"known": True}}, _known(frame, name), (name,)) for name in names]
    return common(panel, rules, fewest)


def _with_leads(panel: Panel) -> pl.DataFrame:
    return pl.DataFrame([pl.Series("lead", panel.lead), *panel.fields])


def _known(frame: pl.DataFrame, name: str) -> pl.Expr:
    given = pl.col(name).is_not_null()
    return given & (folded(name) != "") if frame[name].dtype == pl.String else given


def _leads(frame: pl.DataFrame, rule: LeadRule) -> int:
    return frame.filter(rule.test)["lead"].n_unique()


def _rules(frame: pl.DataFrame, name: str, kind: FieldType, fewest: int) -> Iterator[LeadRule]:
    match kind:
        case "text":
            yield from _levels(frame, name, fewest)
        case "number":
            yield from _thresholds(frame[name], name)
        case "flag":
            yield LeadRule(f"{words(name)}: yes", {name: True}, pl.col(name), (name,))
            yield LeadRule(f"{words(name)}: no", {name: False}, ~pl.col(name), (name,))
        case "list" | "member_of":
            yield from _entries(frame, name, fewest)
        case "time" | "date":
            return


def below_rules(panel: Panel, usual: Mapping[str, object], fewest: int = FEWEST_LEADS) -> list[LeadRule]:
    """Return candidates for numbers below the usual one, of fields where an empty value counts as that."""
    frame = _with_leads(panel)
    rules = [
        LeadRule(f"{words(name)}: below {shown(cut)}", {name: {"below": plain(cut)}}, pl.col(name) < cut, (name,))
        for name, number in usual.items()
        if isinstance(number, float)
        for cut in cuts(frame[name])
        if cut <= number
    ]
    return common(panel, rules, fewest)


def words(name: str) -> str:
    """Return a field's display name: `Lead source` for `lead_source`."""
    return name.replace("_", " ").replace(".", " ").strip().capitalize()


def folded(name: str) -> pl.Expr:
    """Return a text field in the form that conditions compare."""
    return pl.col(name).str.strip_chars().str.to_lowercase()


def _levels(frame: pl.DataFrame, name: str, fewest: int) -> Iterator[LeadRule]:
    written = pl.col(name).str.strip_chars().mode().sort().first().alias("written")
    levels = (
        frame.drop_nulls(name)
        .group_by(folded(name).alias("level"))
        .agg(pl.col("lead").n_unique(), written)
        .filter((pl.col("lead") >= fewest) & (pl.col("level") != ""))
        .sort(["lead", "level"], descending=[True, False])
    )
    for level, label in levels.head(MOST_LEVELS).select("level", "written").iter_rows():
        yield LeadRule(f"{words(name)}: {label}", {name: label}, folded(name) == level, (name,))


def _entries(frame: pl.DataFrame, name: str, fewest: int) -> Iterator[LeadRule]:
    entries = (
        frame.select("lead", pl.col(name).list.eval(pl.element().str.strip_chars().str.to_lowercase()))
        .explode(name)
        .drop_nulls()
    )
    common = (
        entries.group_by(name)
        .agg(pl.col("lead").n_unique())
        .filter(pl.col("lead") >= fewest)
        .sort(["lead", name], descending=[True, False])
    )
    for entry in common.head(MOST_LEVELS)[name]:
        has = pl.col(name).list.eval(pl.element().str.strip_chars().str.to_lowercase()).list.contains(entry)
        yield LeadRule(f"{words(name)}: {entry}", {name: {"contains": entry}}, has, (name,))


def _thresholds(column: pl.Series, name: str) -> Iterator[LeadRule]:
    for cut in cuts(column):
        yield threshold(name, cut)


def threshold(name: str, cut: float) -> LeadRule:
    """Return the candidate that a number is this or more."""
    said = f"{words(name)}: {shown(cut)} or more"
    return LeadRule(said, {name: {"at_least": plain(cut)}}, pl.col(name) >= cut, (name,))


def cuts(column: pl.Series, most: int = MOST_CUTS) -> list[float]:
    """Return rounded thresholds that split a column into about equal parts, at most one per distinct value."""
    known = column.drop_nulls().to_numpy()
    if not len(known):
        return []
    values = np.unique(known)
    if len(values) <= most:
        return [float(value) for value in values[1:]]
    edges = np.quantile(known, np.linspace(0, 1, most + 2)[1:-1], method="higher")
    return sorted({cut for cut in (_rounded(float(edge), values) for edge in edges) if cut > values[0]})


def _rounded(edge: float, values: np.ndarray[Any, Any]) -> float:
    """Round to two digits unless the result leaves the range of the neighbouring values."""
    if edge == 0:
        return 0.0
    short = round(edge, DIGITS - 1 - int(np.floor(np.log10(abs(edge)))))
    return short if values[0] < short <= values[-1] else edge


def plain(number: float) -> int | float:
    """Return a whole number as an integer."""
    return int(number) if float(number).is_integer() else number


def shown(number: float) -> str:
    """Format a number for people."""
    return f"{plain(number):,}" if abs(number) >= 1 else f"{number:g}"
