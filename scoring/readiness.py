"""Stage, urgency, priority and index of a chunk of leads."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from scoring.card import LeadCondition, Priority, Readiness, Score
from scoring.card.letters import COLUMNS, LETTERS
from scoring.card.values import normal
from scoring.conditions import Terms
from scoring.points import half_away
from vocabulary.arrays import Flags, Floats, Ints


def stages(readiness: Readiness, frame: pl.DataFrame, terms: Terms, previous: pl.Series) -> Ints:
    """Return the position of each lead's stage; `previous` has the names of the previous stages."""
    count, stood = len(readiness.stages), _positions(readiness, previous)
    holds = _true(frame, terms, [stage.when for stage in readiness.stages] + [stage.keep for stage in readiness.stages])
    when, keep = holds[:count], holds[count:]
    position = np.zeros(frame.height, np.int64)
    for number in range(1, count):
        reached = when[number] | (keep[number] & (stood >= number))
        position = np.where(reached, number, position)
    return position


def _positions(readiness: Readiness, names: pl.Series) -> Ints:
    """Return the position of each stage name; -1 if the scorecard does not have it."""
    positions = {normal(name): position for position, name in enumerate(readiness.names)}
    distinct = {name: positions.get(normal(name), -1) for name in names.unique().drop_nulls().to_list()}
    found = names.cast(pl.String).replace_strict(distinct, default=-1, return_dtype=pl.Int64)
    return found.to_numpy()


def urgencies(readiness: Readiness, frame: pl.DataFrame, terms: Terms) -> pl.Series:
    """Return the first urgency that holds for each lead."""
    holds = _true(frame, terms, [urgency.when for urgency in readiness.urgency])
    return _first(holds, [urgency.is_ for urgency in readiness.urgency], pl.Series(["none"] * frame.height))


def priorities(
    priority: Priority,
    frame: pl.DataFrame,
    terms: Terms,
    position: Ints,
    ranks: Ints,
    disqualified: Flags,
    rests: Flags,
) -> pl.Series:
    """Return the priority of each lead; null if it is disqualified, or rests and no first priority holds."""
    place = {name: number for number, name in enumerate(priority.levels)}
    cells = np.array([[place[priority.matrix[stage][column]] for column in COLUMNS] for stage in terms.scope.stages])
    from_matrix = pl.Series(priority.levels).gather(cells[position, _columns()[ranks]]).set(pl.Series(rests), None)
    holds = _true(frame, terms, [first.when for first in priority.first])
    chosen = _first(holds, [first.is_ for first in priority.first], from_matrix)
    return chosen.set(pl.Series(disqualified), None)


def _columns() -> NDArray[np.intp]:
    """Return the matrix column of each rank; the last one, at index -1, is for `?`."""
    return np.array([COLUMNS.index(letter[0]) for letter in reversed(LETTERS)] + [COLUMNS.index("?")])


def _first(holds: list[Flags], names: list[str], otherwise: pl.Series) -> pl.Series:
    chosen = otherwise
    for flags, name in reversed(list(zip(holds, names, strict=True))):
        chosen = chosen.set(pl.Series(flags), name)
    return chosen


def _true(frame: pl.DataFrame, terms: Terms, conditions: list[LeadCondition | None]) -> list[Flags]:
    """Return the leads for which each condition is true; none for a missing condition."""
    return [answer == 1 for answer in terms.ask(frame, conditions)]


def indexes(
    priority: Priority,
    score: Score | None,
    percent: Floats,
    rounded: dict[str, Ints],
    readiness: Floats,
) -> pl.Series:
    """Return the priority index of each lead; null if none of the weighted parts exist."""
    parts, weights = _weighed(priority, score, percent, rounded, readiness)
    return pl.Series(half_away(_mean(parts, weights))).set(pl.Series(weights.sum(axis=0) <= 0), None)


def _weighed(
    priority: Priority, score: Score | None, percent: Floats, rounded: dict[str, Ints], readiness: Floats
) -> tuple[Floats, Floats]:
    """Return fit, engagement and stage in percent, and their weights; a part that is missing has none."""
    fit = np.where(np.isnan(percent), _share(score, "fit", rounded, len(percent)), percent)
    engagement = _share(score, "engagement", rounded, len(percent))
    parts = np.vstack([fit, engagement, readiness])
    balance = priority.balance
    return parts, np.array([balance.fit, balance.engagement, balance.readiness])[:, None] * ~np.isnan(parts)


def _mean(parts: Floats, weights: Floats) -> Floats:
    total = weights.sum(axis=0)
    mean: Floats = (weights * np.clip(np.nan_to_num(parts), 0, 100)).sum(axis=0) / np.where(total > 0, total, 1)
    return mean


def index_by_points(
    priority: Priority, score: Score | None, percent: Floats, rounded: dict[str, Ints], readiness: Floats
) -> tuple[Floats, dict[str, Floats]]:
    """Return the index of each lead before it is rounded, and by how much a point of fit or engagement can move it."""
    parts, weights = _weighed(priority, score, percent, rounded, readiness)
    total, each = weights.sum(axis=0), dict[str, Floats]()
    for part, section in (score.sections if score else {}).items():
        if section.maximum and section.maximum > 0:
            share = weights[0 if part == "fit" else 1] * (100 / section.maximum) / np.where(total > 0, total, 1)
            each[part] = np.where(np.isnan(percent), share, 0.0) if part == "fit" else share
    return _mean(parts, weights), each


def _share(score: Score | None, name: Literal["fit", "engagement"], rounded: dict[str, Ints], leads: int) -> Floats:
    """Return a rounded section in percent of its maximum; NaN if there is no section or no maximum."""
    section = score.sections.get(name) if score else None
    if section is None or not section.maximum or section.maximum < 0:
        return np.full(leads, np.nan)
    return 100 * rounded[name] / section.maximum


def shares_of_stages(position: Ints, indexes: Sequence[float]) -> Floats:
    """Return what each lead's stage is worth in the index; NaN if there is only one stage."""
    return np.array(indexes or [np.nan], np.float64)[position]
