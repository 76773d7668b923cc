"""Readiness (the stages of the buying cycle and the urgency) and the priority."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from scoring.card.base import CardModel, Some
from scoring.card.conditions import BeforePriority, BeforeStage, BeforeUrgency
from scoring.card.declarations import Declarations
from scoring.card.letters import COLUMNS, Column
from scoring.card.mistakes import CardMistake, Path, meant, refuse
from scoring.card.priorities import USUAL, Levels
from scoring.card.values import Percent, normal


class Stage(CardModel):
    """One stage of the buying cycle."""

    name: str = Field(min_length=1, description="The stage's name, as written to the CRM.")
    when: BeforeStage | None = Field(None, description="The condition to enter this stage. The first stage needs none.")
    keep: BeforeStage | None = Field(
        None, description="The condition to stay in this stage for a lead that was in it or in a later one."
    )
    index: float | None = Field(
        None,
        ge=0,
        le=100,
        allow_inf_nan=False,
        description="What the stage is worth in the priority index, from 0 to 100. By default, its place decides: 0 for"
        " the first stage, 100 for the last.",
    )


class Urgency(CardModel):
    """One level of urgency."""

    is_: Literal["now", "soon", "later", "none"] = Field(alias="is", description="The urgency.")
    when: BeforeUrgency = Field(description="The condition. The first entry that holds is used.")


class Readiness(CardModel):
    """Where a lead is in its buying cycle, and how urgent it is."""

    stages: Some[Stage] = Field(description="The stages, earliest first. A lead is in the last one that holds.")
    urgency: tuple[Urgency, ...] = Field(
        (), description="The urgencies. The first entry that holds is used; if there is none, the urgency is `none`."
    )

    @field_validator("stages")
    @classmethod
    def _check_stages(cls, stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
        refuse("stages", _stage_mistakes(stages))
        return stages

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the stages in order."""
        return tuple(stage.name for stage in self.stages)

    @property
    def indexes(self) -> tuple[float, ...]:
        """Return what each stage is worth in the priority index; none if there is only one stage."""
        last = len(self.stages) - 1
        worth = (
            100 * place / last if one.index is None else one.index for place, one in enumerate(self.stages) if last
        )
        return tuple(worth)


def _stage_mistakes(stages: tuple[Stage, ...]) -> Iterator[CardMistake]:
    names = Counter(normal(stage.name) for stage in stages)
    for number, stage in enumerate(stages):
        if names[normal(stage.name)] > 1:
            yield CardMistake((number, "name"), f"there are two stages '{stage.name}'", "rename one")
        if number and stage.when is None:
            yield CardMistake((number,), f"the stage '{stage.name}' has no condition", "add `when`")


class First(CardModel):
    """A priority that is tried before the matrix."""

    is_: str = Field(alias="is", description="The priority.")
    when: BeforePriority = Field(description="The condition. The first entry that holds is used.")


class Balance(CardModel):
    """The weights of the priority index. A section that the scorecard does not have is ignored."""

    fit: float = Field(
        0,
        ge=0,
        allow_inf_nan=False,
        description="The weight of the grade's percentage, or of fit if there is no grade.",
    )
    engagement: float = Field(0, ge=0, allow_inf_nan=False, description="The weight of engagement.")
    readiness: float = Field(0, ge=0, allow_inf_nan=False, description="The weight of the stage.")

    @model_validator(mode="after")
    def _check_sum(self) -> "Balance":
        if self.fit + self.engagement + self.readiness <= 0:
            refuse(
                "balance", [CardMistake((), "all weights are 0", "set at least one of fit, engagement and readiness")]
            )
        return self


class Experiment(CardModel):
    """Leads that get their place within a priority by chance, so that what the place does can be measured."""

    share: Percent = Field(description="The share of leads whose priority index is drawn, such as 5%.")
    name: str = Field(
        "order",
        min_length=1,
        description="The name of the experiment, which decides by chance who is in it and at which place. Another name"
        " draws anew.",
    )


class Priority(CardModel):
    """The priority from grade, stage and urgency."""

    names: Levels = Field(
        USUAL,
        description="The names of the priorities, best first: a list, or `name: sentence` lines. The sentence says what"
        " to do; it describes the choice in the CRM and begins the next step.",
    )
    first: tuple[First, ...] = Field(
        (), description="Cases that are tried before the matrix. The first one that holds is used."
    )
    matrix: dict[str, dict[Column, str]] = Field(
        description="The priority for each stage and each of the letters A B C D F ?."
    )
    balance: Balance = Field(
        Balance(fit=1, engagement=1, readiness=1),
        description="The weights of the priority index (0-100). Default: equal weights.",
    )
    experiment: Experiment | None = Field(
        None,
        description="Leads whose priority index is drawn by chance, to measure whether calling in the order of the"
        " index pays. Nobody unless given.",
    )

    @field_validator("first")
    @classmethod
    def _check_first(cls, first: tuple[First, ...], info: ValidationInfo) -> tuple[First, ...]:
        refuse("first", _unknown({(number, "is"): one.is_ for number, one in enumerate(first)}, info))
        return first

    @field_validator("matrix")
    @classmethod
    def _check_matrix(cls, matrix: dict[str, dict[Column, str]], info: ValidationInfo) -> dict[str, dict[Column, str]]:
        cells: dict[Path, str] = {
            (row, column): name for row, cells in matrix.items() for column, name in cells.items()
        }
        mistakes = [*_unknown(cells, info)]
        if isinstance(info.context, Declarations) and info.context.stages:
            mistakes += _matrix_mistakes(matrix, info.context.stages)
        refuse("matrix", mistakes)
        return matrix

    @property
    def levels(self) -> tuple[str, ...]:
        """Return the names of the priorities, best first."""
        return tuple(one.name for one in self.names)

    @property
    def sentences(self) -> tuple[str, ...]:
        """Return what sales is to do about each, empty for those that do not say so."""
        return tuple(one.sentence or "" for one in self.names)


def with_stages(priority: Priority | None, declared: object) -> Priority | None:
    """Return a card's priority. Raise ValueError if the card declares no stages."""
    if priority and isinstance(declared, Declarations) and "stage" not in declared.sections:
        raise ValueError("priority needs readiness: add `readiness` with stages")
    return priority


def _unknown(written: Mapping[Path, str], info: ValidationInfo) -> Iterator[CardMistake]:
    """Yield the priorities that the section does not name; none if its names are themselves mistaken."""
    levels: Levels = info.data.get("names", ())
    known = [one.name for one in levels]
    for path, name in written.items():
        if known and name not in known:
            yield CardMistake(
                path, f"there is no priority '{name}'", meant(name, known, f"use {', '.join(known)}"), name
            )


def _matrix_mistakes(matrix: dict[str, dict[Column, str]], stages: tuple[str, ...]) -> Iterator[CardMistake]:
    for row, cells in matrix.items():
        if row not in stages:
            yield CardMistake((row,), f"there is no stage '{row}'", f"use {', '.join(stages)}")
        missing = [column for column in COLUMNS if column not in cells]
        if missing:
            yield CardMistake((row,), f"this row has no priority for {', '.join(missing)}", "add one for each letter")
    for stage in stages:
        if stage not in matrix:
            yield CardMistake((), f"there is no row for stage '{stage}'", "add a row for each stage")
