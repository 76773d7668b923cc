"""The grade: how well a lead matches the ideal customer profile."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final, Literal

from pydantic import Field, field_validator

from scoring.card.base import CardModel, Some
from scoring.card.conditions import BeforeGrade
from scoring.card.letters import LETTERS, Letter, rank
from scoring.card.mistakes import CardMistake, refuse
from scoring.card.values import Percent

BANDS: Final[dict[Letter, float]] = {
    "A+": 95, "A": 85, "A-": 80, "B+": 75, "B": 65, "B-": 60, "C+": 55, "C": 45, "C-": 40, "D+": 35, "D": 25, "D-": 20,
    "F": 0,
}  # fmt: skip


class Criterion(CardModel):
    """One trait of the ideal customer."""

    name: str = Field(min_length=1, description="What the explanation calls this criterion.")
    weight: float = Field(gt=0, allow_inf_nan=False, description="How much it counts against the others.")
    match: BeforeGrade = Field(description="True: full weight.")
    partial: BeforeGrade | None = Field(None, description="True where `match` is not: half the weight.")


class Profile(CardModel):
    """An ideal customer; several profiles serve several markets."""

    name: str = Field(min_length=1, description="What the explanation calls this profile.")
    applies: BeforeGrade | None = Field(
        None, description="The leads it is for; the first profile that applies is used. Without it: all leads."
    )
    criteria: Some[Criterion] = Field(description="The traits, each with its weight.")


class Grade(CardModel):
    """The grade of a lead: a letter for how well it matches its profile."""

    minimum_known: Percent = Field(
        0, description="The share of weights that must be known; below it the grade is `?` (insufficient data)."
    )
    missing: Literal["ignore", "mismatch"] = Field(
        "ignore", description="`ignore`: unknown criteria do not count; `mismatch`: they count as not matched."
    )
    profiles: Some[Profile] = Field(description="The ideal customers, first that applies.")
    bands: dict[Letter, float] = Field(
        BANDS, description="The least percent of each letter. The lowest band must begin at 0 or below."
    )
    disqualified: BeforeGrade | None = Field(
        None, description="True: grade F, status `disqualified`, no priority, whatever else the lead is."
    )

    @field_validator("bands")
    @classmethod
    def _check_bands(cls, bands: dict[Letter, float]) -> dict[Letter, float]:
        refuse("bands", _band_mistakes(_ordered(bands)))
        return bands

    @property
    def ordered_bands(self) -> list[tuple[Letter, float]]:
        """Return the letters with the least percent of each, best first."""
        return _ordered(self.bands)

    @property
    def letters(self) -> tuple[str, ...]:
        """Return the letters that a lead can get, best first."""
        return tuple(letter for letter in LETTERS if letter in self.bands or (letter == "F" and self.disqualified))


def _ordered(bands: dict[Letter, float]) -> list[tuple[Letter, float]]:
    return sorted(bands.items(), key=lambda band: -rank(band[0]))


def _band_mistakes(ordered: list[tuple[Letter, float]]) -> Iterator[CardMistake]:
    if not any(bound <= 0 for _, bound in ordered):
        yield CardMistake((), "no letter is left for the lowest percents", "let the lowest band begin at 0: F: 0")
    for (better, upper), (worse, lower) in pairwise(ordered):
        if lower >= upper:
            yield CardMistake((worse,), f"{worse} begins at {lower:g}, not below {better} ({upper:g})")
