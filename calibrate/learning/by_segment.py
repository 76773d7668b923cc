"""Points that hold in one segment only, such as a country, where leads that were held out say that it pays.

The points of all segments together are what those of each are drawn towards (ridge), so a segment differs only as far
as its own conversions say so. All rules of a segment are judged at once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from calibrate.card.rules import Candidate, LeadRule, design, matrix, ridges
from calibrate.learning.learn import Learned, settled
from calibrate.learning.selection import Candidates, folds
from calibrate.notes import Notes
from calibrate.options import Options
from calibrate.past.panel import Mask, Panel
from calibrate.statistics.fit import RIDGE, Floats, log_likelihoods, logistic

CONVERSIONS: Final = 300
"""With fewer, nothing is learned by segment."""
LEVELS: Final = (2, 6)
LARGE: Final = 0.1
"""A level is a segment if it has at least this share of the leads."""
CONVERSIONS_OF_LEVEL: Final = 30
MOST_FIELDS: Final = 3
MOST_OF_LEVEL: Final = 4
"""More rules of one segment are hard to read."""
TOWARDS: Final = 20.0
"""The ridge that draws the points of a segment towards those of all."""
FELT: Final = 1.5
"""Standard errors by which the points of a segment must differ."""
FEWEST_LEADS: Final = 30
SAME: Final = 1e-6
"""A column of which no larger part is left beside others says nothing more."""
FOLDS: Final = 4
ROWS: Final = 12_000
CLEAR: Final = 2.0
"""Standard errors by which held-out leads must be foretold better."""
GAIN: Final = 4.0
"""The log-likelihood of held-out leads must rise by at least this."""


@dataclass(frozen=True)
class Segments:
    """A field whose values are segments, with the condition of each."""

    field: str
    levels: tuple[LeadRule, ...]


@dataclass(frozen=True)
class Trial:
    """What a field brings on held-out groups."""

    segments: Segments
    gain: float
    error: float

    @property
    def pays(self) -> bool:
        """Return whether it clearly pays."""
        return self.gain >= max(GAIN, CLEAR * self.error)


def by_segment(learned: Learned, found: Candidates, train: Panel, options: Options, most: int, notes: Notes) -> Learned:
    """Return the rules with those of the segments of one field, if that pays; say what was tried."""
    part = train.sample(ROWS, np.random.default_rng(options.seed))
    fields = list(_fields(found, part, options, notes))
    if not fields or train.converted < CONVERSIONS or len(learned.rules) >= most:
        return learned
    offset = learned.offset(part)
    trials = [_tried(one, learned.rules, part, offset, options.seed) for one in fields]
    best = max(trials, key=lambda trial: trial.gain)
    names = ", ".join(notes.label(one.field) for one in fields)
    if not best.pays:
        told = f"{notes.units.capitalize()} kept aside to check are not clearly foretold better by them."
        notes.add("segments", f"Points for single segments do not pay; tried: {names}. {told}")
        return learned
    more = _chosen(best.segments, learned.rules, part, offset)[: most - len(learned.rules)]
    longer = settled([*learned.rules, *more], train, options, draws=options.bootstraps)
    added = [rule.name for rule in longer.rules if rule in more]
    field = notes.label(best.segments.field)
    if not added:
        notes.add("segments", f"Points for single segments of {field} do not hold in nine of ten refits.")
        return learned
    told = f"{notes.units} kept aside to check are foretold better by it"
    notes.add("segments", f"Some points hold for one {field} only, since {told}: {'; '.join(added)}.")
    return longer


def _fields(found: Candidates, panel: Panel, options: Options, notes: Notes) -> Iterator[Segments]:
    """Yield the fields with a few large levels, or the one that was asked for."""
    by_field: dict[str, list[LeadRule]] = {}
    for rule in found.lead:
        if isinstance(rule, LeadRule) and len(rule.condition) == len(rule.subjects) == 1:
            (name,) = rule.condition
            if isinstance(rule.condition[name], str) and panel.fields[name].dtype == pl.String:
                by_field.setdefault(name, []).append(rule)
    wanted = options.segment
    suitable = []
    for name, levels in by_field.items():
        large = tuple(rule for rule in levels if _is_large(rule, panel))
        if LEVELS[0] <= len(large) <= LEVELS[1] and wanted in {None, name}:
            suitable.append(Segments(name, large))
    if wanted is not None and not suitable:
        large_enough = f"at least {LARGE:.0%} of the {notes.units} and {CONVERSIONS_OF_LEVEL} conversions each"
        said = f"{notes.label(wanted)} has not {LEVELS[0]} to {LEVELS[1]} values with {large_enough}"
        notes.add("segments", f"{said}, so nothing was learned by it.", "warning", wanted)
    yield from sorted(suitable, key=lambda one: len(one.levels))[:MOST_FIELDS]


def _is_large(rule: LeadRule, panel: Panel) -> bool:
    leads, converted = panel.counted(rule.column(panel) > 0)
    return leads >= LARGE * panel.leads and converted >= CONVERSIONS_OF_LEVEL


def _tried(segments: Segments, rules: Sequence[Candidate], panel: Panel, offset: Floats, seed: int) -> Trial:
    """Return how much better held-out groups are foretold, all rules of the segments at once."""
    fold, gains = folds(panel, FOLDS, seed), np.zeros(len(panel))
    for number in range(FOLDS):
        seen, held = panel.take(fold != number), panel.take(fold == number)
        beside = offset[fold != number]
        more = _chosen(segments, rules, seen, beside)
        if more:
            longer, shorter = (
                _foretold(chosen, seen, held, beside, offset[fold == number]) for chosen in ([*rules, *more], rules)
            )
            gains[fold == number] = longer - shorter
    _, place = np.unique(panel.group, return_inverse=True)
    of_groups = np.bincount(place, gains)
    return Trial(segments, float(gains.sum()), float(np.sqrt((of_groups**2).sum())))


def _foretold(rules: Sequence[Candidate], seen: Panel, held: Panel, beside: Floats, offset: Floats) -> Floats:
    """Return the log-likelihood of each held-out snapshot under a fit on the others."""
    fit = logistic(design(rules, seen), seen.label, seen.weight, ridge=ridges(rules), offset=beside)
    odds = design(rules, held) @ fit.linear + offset
    return held.weight * log_likelihoods(odds, held.label)


def _chosen(segments: Segments, rules: Sequence[Candidate], panel: Panel, offset: Floats) -> list[LeadRule]:
    """Return the rules of the segment whose points differ most from those of all, where all are fitted together.

    The segment by itself comes along where it says something beside them. One segment is enough: where one of two
    differs from both together, the other does too, and a person would read everything twice.
    """
    pairs = [pair for level in segments.levels for pair in _pairs(level, segments.field, rules)]
    columns = matrix(pairs, panel)
    common = np.array([len(np.unique(panel.lead[column > 0])) >= FEWEST_LEADS for column in columns.T], np.bool_)
    common &= _says_more(columns, beside := design(rules, panel))
    pairs, columns = [pair for pair, enough in zip(pairs, common, strict=True) if enough], columns[:, common]
    if not pairs:
        return []
    drawn = np.sqrt(RIDGE / TOWARDS)
    both = np.column_stack([beside, columns * drawn])
    fit = logistic(both, panel.label, panel.weight, ridge=ridges(rules), offset=offset)
    weights = fit.weights[-len(pairs) :]
    size = np.abs(weights) * np.sqrt(np.diag(fit.information)[-len(pairs) :])
    of_levels = [_of_level(level, pairs, size) for level in segments.levels]
    best = max(of_levels, key=lambda places: float((size[places] ** 2).sum()))
    return [pairs[place] for place in best]


def _says_more(columns: Floats, beside: Floats) -> Mask:
    """Return which columns are not the sum of what is there, such as a rule again, or all whom a rule leaves out."""
    explained = beside @ np.linalg.lstsq(beside, columns, rcond=None)[0]
    more: Mask = ((columns - explained) ** 2).sum(axis=0) > SAME * (columns**2).sum(axis=0)
    return more


def _pairs(level: LeadRule, field: str, rules: Sequence[Candidate]) -> Iterator[LeadRule]:
    """Yield what may be learned for a segment: itself, and each rule within it."""
    yield level
    for rule in rules:
        if isinstance(rule, LeadRule) and field not in rule.subjects:
            yield level.both(rule)


def _of_level(level: LeadRule, pairs: Sequence[LeadRule], size: Floats) -> list[int]:
    """Return the places of the strongest rules of a segment; none if only it by itself says something."""
    within = [place for place, pair in enumerate(pairs) if pair.name.startswith(f"{level.name} + ")]
    strongest = sorted((place for place in within if size[place] >= FELT), key=lambda place: -size[place])
    alone = [place for place, pair in enumerate(pairs) if pair == level and size[place] >= FELT]
    return [*alone, *strongest[:MOST_OF_LEVEL]] if strongest else []
