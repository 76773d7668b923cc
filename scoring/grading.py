"""Grades a chunk of leads: percentage, coverage, letter, and what the unknown criteria could change."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from scoring.card import Grade, Profile
from scoring.card.grade import UNNAMED
from scoring.card.letters import LETTERS, rank
from scoring.conditions import Answers, Terms
from vocabulary.arrays import Flags, Floats, Ints

CRITERIA: Final = {"name": pl.String(), "worth": pl.Float64(), "value": pl.Float64()}
"""A criterion: its share of the profile, and how far it is met: 1, half, 0, or null if that is not known."""
NO_PROFILE = -1
NO_RANK = -1


@dataclass(frozen=True)
class Graded:
    """The grades of a chunk. Rank -1 is the grade `?`; a percentage of NaN means none."""

    rank: Ints
    percent: Floats
    coverage: Floats
    worst: Ints
    best: Ints
    disqualified: Flags
    disqualifiers: Flags
    """Whether each condition that disqualifies (column) holds for each lead (row)."""
    insufficient: Flags
    profile: Ints
    """The profile that applies, -1 for none."""
    unknown: list[Flags]
    """For each profile, whether each criterion (column) is unknown for each lead (row)."""
    answers: Mapping[str, Answers]
    """The value of every condition for each lead."""


def letters(ranks: Ints) -> pl.Series:
    """Return the letter of each rank, null for -1."""
    by_rank = pl.Series([*reversed(LETTERS), None], dtype=pl.String)
    return by_rank.gather(np.where(ranks < 0, len(LETTERS), ranks))


def graded(grade: Grade, frame: pl.DataFrame, terms: Terms) -> Graded:
    """Grade the leads of a frame by the first profile that applies to each."""
    answers = _answers(grade, frame, terms)
    profile = _applying(grade, answers)
    details = [_profiled(grade, number, one, answers) for number, one in enumerate(grade.profiles)]
    percent, coverage, worst, best = (_chosen(profile, [detail[row] for detail in details]) for row in range(4))
    disqualifiers = _disqualifiers(grade, answers)
    disqualified = np.logical_or.reduce(disqualifiers, axis=1)
    insufficient = (profile >= 0) & ((coverage < round(grade.minimum_known, 9)) | np.isnan(percent)) & ~disqualified
    ranks = np.where(insufficient, NO_RANK, _ranks(grade, percent))
    return Graded(
        np.where(disqualified, rank("F"), ranks),
        percent,
        coverage,
        np.where(disqualified, rank("F"), _ranks(grade, worst)),
        np.where(disqualified, rank("F"), _ranks(grade, best)),
        disqualified,
        disqualifiers,
        insufficient,
        profile,
        [np.column_stack(_unknown(number, one, answers)) for number, one in enumerate(grade.profiles)],
        answers,
    )


def _answers(grade: Grade, frame: pl.DataFrame, terms: Terms) -> dict[str, Answers]:
    """Return the value of every condition for each lead: 1 true, 0 false, -1 unknown."""
    conditions = {f"disqualified{number}": one.when for number, one in enumerate(grade.disqualifiers)}
    for number, profile in enumerate(grade.profiles):
        if profile.applies:
            conditions[f"applies{number}"] = profile.applies
        for place, criterion in enumerate(profile.criteria):
            conditions[f"match{number}.{place}"] = criterion.match
            if criterion.partial:
                conditions[f"partial{number}.{place}"] = criterion.partial
    return dict(zip(conditions, terms.ask(frame, list(conditions.values())), strict=True))


def _disqualifiers(grade: Grade, answers: dict[str, Answers]) -> Flags:
    holds = [answers[f"disqualified{number}"] == 1 for number in range(len(grade.disqualifiers))]
    return np.column_stack(holds) if holds else np.zeros((_height(answers), 0), np.bool_)


def _height(answers: dict[str, Answers]) -> int:
    return len(answers["match0.0"])


def _applying(grade: Grade, answers: dict[str, Answers]) -> Ints:
    """Return the first profile that applies to each lead."""
    chosen = np.full(_height(answers), NO_PROFILE)
    for number in reversed(range(len(grade.profiles))):
        applies = answers.get(f"applies{number}")
        chosen = np.full_like(chosen, number) if applies is None else np.where(applies == 1, number, chosen)
    return chosen


def _profiled(grade: Grade, number: int, profile: Profile, answers: dict[str, Answers]) -> tuple[Floats, ...]:
    """Return percentage, coverage, and the worst and best percentage of all leads under one profile."""
    weights = np.array([criterion.weight for criterion in profile.criteria])
    values = np.column_stack([_value(number, place, answers) for place in range(len(weights))])
    unknown = np.column_stack(_unknown(number, profile, answers))
    highest = np.column_stack([_highest(number, place, answers) for place in range(len(weights))])
    known_weight = (~unknown) @ weights
    got = np.where(unknown, 0.0, values) @ weights
    counted = weights.sum() if grade.missing == "mismatch" else known_weight
    with np.errstate(invalid="ignore", divide="ignore"):
        percent = np.where(counted > 0, 100 * got / counted, np.nan)
    could = np.where(unknown, highest, values) @ weights
    shares = (known_weight / weights.sum(), 100 * got / weights.sum(), 100 * could / weights.sum())
    return percent.round(6), shares[0].round(9), shares[1].round(6), shares[2].round(6)


def _value(number: int, place: int, answers: Mapping[str, Answers]) -> Floats:
    match, partial = _both(number, place, answers)
    return np.where(match == 1, 1.0, np.where(partial == 1, 0.5, 0.0))


def _unknown(number: int, profile: Profile, answers: dict[str, Answers]) -> list[Flags]:
    both = (_both(number, place, answers) for place in range(len(profile.criteria)))
    return [(match != 1) & (partial != 1) & ((match == -1) | (partial == -1)) for match, partial in both]


def _highest(number: int, place: int, answers: dict[str, Answers]) -> Floats:
    """Return the highest possible value of a criterion: at most a half if `match` is false."""
    match, _ = _both(number, place, answers)
    return np.where(match == -1, 1.0, 0.5)


def _both(number: int, place: int, answers: Mapping[str, Answers]) -> tuple[Answers, Answers]:
    match = answers[f"match{number}.{place}"]
    return match, answers.get(f"partial{number}.{place}", np.zeros_like(match))


def _chosen(profile: Ints, by_profile: list[Floats]) -> Floats:
    """Return each lead's value under its profile; NaN if none applies."""
    stacked = np.vstack([*by_profile, np.full(len(profile), np.nan)])
    return stacked[profile, np.arange(len(profile))]


def _ranks(grade: Grade, percent: Floats) -> Ints:
    """Return the rank of the best band that each percentage reaches."""
    ranks = np.full(len(percent), NO_RANK)
    for letter, bound in reversed(grade.ordered_bands):
        ranks = np.where(percent >= bound, rank(letter), ranks)
    return ranks


def disqualifications(grade: Grade, grades: Graded) -> pl.Series:
    """Return what disqualified each lead, such as `Disqualified: School`; null for the others."""
    names = [one.name for one in grade.disqualifiers]
    leads = np.flatnonzero(grades.disqualified)
    patterns, which = np.unique(grades.disqualifiers[leads], axis=0, return_inverse=True)
    texts = [_disqualified([name for name, holds in zip(names, pattern, strict=True) if holds]) for pattern in patterns]
    said = pl.Series([None], dtype=pl.String).new_from_index(0, len(grades.disqualified))
    return said.scatter(leads, pl.Series(texts, dtype=pl.String).gather(which.ravel())) if len(leads) else said


def _disqualified(names: list[str]) -> str:
    return UNNAMED if names == [UNNAMED] else f"{UNNAMED}: {', '.join(names)}"


def criteria(grade: Grade, grades: Graded) -> pl.Series:
    """Return the criteria that each lead is graded by (`CRITERIA`), in the order of its profile; null without one."""
    parts = [_met(profile, number, grades) for number, profile in enumerate(grade.profiles)]
    found = pl.concat(parts).group_by("row", maintain_order=True).agg(pl.struct(*CRITERIA).alias("criteria"))
    rows = pl.DataFrame({"row": np.arange(len(grades.profile))})
    return rows.join(found, on="row", how="left", maintain_order="left")["criteria"]


def _met(profile: Profile, number: int, grades: Graded) -> pl.DataFrame:
    """Return a row for each criterion of each lead that a profile applies to."""
    rows = np.flatnonzero(grades.profile == number)
    weights = np.array([criterion.weight for criterion in profile.criteria])
    values = np.column_stack([_value(number, place, grades.answers) for place in range(len(weights))])
    values = np.where(grades.unknown[number], np.nan, values)[rows]
    return pl.DataFrame(
        {
            "row": rows.repeat(len(weights)),
            "name": [criterion.name for criterion in profile.criteria] * len(rows),
            "worth": np.tile(weights / weights.sum(), len(rows)),
            "value": values.ravel(),
        },
        schema={"row": pl.Int64(), **CRITERIA},
    ).with_columns(pl.col("value").fill_nan(None))


def missing_criteria(grade: Grade, grades: Graded) -> pl.Series:
    """Return the names of each lead's unknown criteria, highest weight first."""
    missing = pl.Series([[]], dtype=pl.List(pl.String)).new_from_index(0, len(grades.profile))
    for number, profile in enumerate(grade.profiles):
        of_profile = _missing(profile, grades.unknown[number])
        missing = missing.zip_with(pl.Series(grades.profile != number), of_profile)
    return missing


def _missing(profile: Profile, unknown: Flags) -> pl.Series:
    """Return the names of the unknown criteria, building the text of each pattern once."""
    patterns, which = np.unique(np.packbits(unknown, axis=1), axis=0, return_inverse=True)
    ordered = sorted(enumerate(profile.criteria), key=lambda one: -one[1].weight)
    flags = np.unpackbits(patterns, axis=1)
    named = [[criterion.name for place, criterion in ordered if pattern[place]] for pattern in flags]
    return pl.Series(named, dtype=pl.List(pl.String)).gather(which.ravel())
