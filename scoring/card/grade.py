"""The grade: how well a lead matches the ideal customer profile."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Annotated, Any, Final, Literal

from pydantic import (
    Field,
    TypeAdapter,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
)

from scoring.card.base import CardModel, Some
from scoring.card.conditions import BeforeGrade, LeadCondition
from scoring.card.letters import LETTERS, Letter, rank
from scoring.card.mistakes import CardMistake, refuse
from scoring.card.naming import name_mistakes
from scoring.card.values import Percent

BANDS: Final[dict[Letter, float]] = {
    "A+": 95, "A": 85, "A-": 80, "B+": 75, "B": 65, "B-": 60, "C+": 55, "C": 45, "C-": 40, "D+": 35, "D": 25, "D-": 20,
    "F": 0,
}  # fmt: skip


class Criterion(CardModel):
    """One trait of the ideal customer."""

    name: str = Field(min_length=1, description="The name of the criterion in explanations.")
    weight: float = Field(gt=0, allow_inf_nan=False, description="Its weight relative to the other criteria.")
    match: BeforeGrade = Field(description="If this holds, the criterion gets its full weight.")
    partial: BeforeGrade | None = Field(
        None, description="If this holds and `match` does not, the criterion gets half its weight."
    )


class Profile(CardModel):
    """An ideal customer. Use several profiles for several markets."""

    name: str = Field(min_length=1, description="The name of the profile in explanations.")
    applies: BeforeGrade | None = Field(
        None,
        description="The leads that the profile is for. The first profile that applies is used. Default: all leads.",
    )
    criteria: Some[Criterion] = Field(description="The criteria with their weights.")


class Disqualifier(CardModel):
    """A reason not to pursue a lead."""

    name: str = Field(min_length=1, description="The reason, as sales reads it.")
    when: BeforeGrade = Field(description="The condition that disqualifies a lead.")


UNNAMED: Final = "Disqualified"
"""The name of a disqualifying condition without one."""


def _by_form(raw: object, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> object:
    """Read a list as named conditions and a mapping as one condition, so that mistakes are reported for that form."""
    if isinstance(raw, list | tuple):
        return _NAMED.validate_python(raw, context=info.context)
    return _ONE.validate_python(raw, context=info.context) if isinstance(raw, Mapping) else handler(raw)


_NAMED: Final = TypeAdapter(Some[Disqualifier])
_ONE: Final = TypeAdapter(BeforeGrade)


class Grade(CardModel):
    """The grade: a letter for how well a lead matches its profile."""

    minimum_known: Percent = Field(
        0, description="The share of the weights that must be known. Below this, the grade is `?` (insufficient data)."
    )
    missing: Literal["ignore", "mismatch"] = Field(
        "ignore", description="`ignore`: unknown criteria do not count. `mismatch`: they count as not matched."
    )
    profiles: Some[Profile] = Field(description="The profiles. The first one that applies is used.")
    bands: dict[Letter, float] = Field(
        BANDS, description="The lowest percentage of each letter. The last band must start at 0 or below."
    )
    disqualified: Annotated[LeadCondition | tuple[Disqualifier, ...] | None, WrapValidator(_by_form)] = Field(
        None,
        description="A condition, or a list of named ones. If one holds, the lead gets grade F, status `disqualified`,"
        " no priority and no index.",
    )
    disqualified_score: Literal["kept", "zero"] = Field(
        "kept", description="Whether a disqualified lead keeps its score, or shows 0 instead of a positive one."
    )

    @field_validator("bands")
    @classmethod
    def _check_bands(cls, bands: dict[Letter, float]) -> dict[Letter, float]:
        refuse("bands", _band_mistakes(_ordered(bands)))
        return bands

    @field_validator("disqualified")
    @classmethod
    def _check_names(cls, given: Any) -> Any:
        names = [one.name for one in given] if isinstance(given, tuple) else []
        refuse("disqualified", name_mistakes(names, "disqualifiers"))
        return given

    @property
    def disqualifiers(self) -> tuple[Disqualifier, ...]:
        """Return the named conditions that disqualify a lead."""
        if self.disqualified is None:
            return ()
        if isinstance(self.disqualified, tuple):
            return self.disqualified
        return (Disqualifier(name=UNNAMED, when=self.disqualified),)

    @property
    def ordered_bands(self) -> list[tuple[Letter, float]]:
        """Return the letters with their lowest percentage, best first."""
        return _ordered(self.bands)

    @property
    def letters(self) -> tuple[str, ...]:
        """Return the letters in use, best first."""
        return tuple(letter for letter in LETTERS if letter in self.bands or (letter == "F" and self.disqualified))


def _ordered(bands: dict[Letter, float]) -> list[tuple[Letter, float]]:
    return sorted(bands.items(), key=lambda band: -rank(band[0]))


def _band_mistakes(ordered: list[tuple[Letter, float]]) -> Iterator[CardMistake]:
    if not any(bound <= 0 for _, bound in ordered):
        yield CardMistake((), "there is no letter for the lowest percentages", "start the lowest band at 0: F: 0")
    for (better, upper), (worse, lower) in pairwise(ordered):
        if lower >= upper:
            yield CardMistake((worse,), f"{worse} starts at {lower:g}, which is not below {better} ({upper:g})")
