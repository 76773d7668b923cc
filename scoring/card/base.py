"""The base of all scorecard models: unknown keys are rejected and nothing changes after loading."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, Final, TypeVar, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from vocabulary.fields import FieldType

RESERVED: Final = frozenset(
    "all any not activities unanswered surge fit engagement score grade stage urgency id lead".split()  # noqa: SIM905 - reads as a list of words
)
"""Names with a meaning of their own in a condition, so no field can use them."""

Item = TypeVar("Item")


def _at_least_one(items: tuple[Item, ...]) -> tuple[Item, ...]:
    if not items:
        raise ValueError("this list needs at least one entry: write it as a `- …` line")
    return items


Some = Annotated[tuple[Item, ...], AfterValidator(_at_least_one), Field(json_schema_extra={"minItems": 1})]
"""At least one item. This is checked after the items, so that a single invalid item is not reported as none."""


class CardModel(BaseModel):
    """A part of the scorecard."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @cached_property
    def content(self) -> str:
        """The model as text. Equal models have equal text wherever they are in the card."""
        return self.model_dump_json(by_alias=True, exclude_none=True)


@dataclass(frozen=True, slots=True)
class Declarations:
    """What a scorecard declares at its top, so that its conditions can be checked in place."""

    fields: Mapping[str, FieldType] = field(default_factory=dict)
    stages: tuple[str, ...] = ()
    sections: frozenset[str] = frozenset()
    """The computed values that have a section: fit, engagement, score, grade, stage, urgency."""
    exists: frozenset[str] = frozenset()
    """The values already computed when a condition is evaluated; `surge` comes with the engagement points."""

    @classmethod
    def of(cls, raw: object) -> "Declarations":
        """Read the declarations of a scorecard that may contain mistakes."""
        card = _mapping(raw)
        readiness = _mapping(card.get("readiness"))
        return cls(_fields(card), _stages(readiness), frozenset(_sections(card, readiness)))


def _mapping(raw: object) -> Mapping[str, Any]:
    if isinstance(raw, BaseModel):
        return raw.model_dump(by_alias=True, exclude_none=True)
    return raw if isinstance(raw, Mapping) else {}


def _fields(card: Mapping[str, Any]) -> dict[str, FieldType]:
    declared = _mapping(card.get("fields"))
    return {str(name): kind if kind in get_args(FieldType) else "text" for name, kind in declared.items()}


def _stages(readiness: Mapping[str, Any]) -> tuple[str, ...]:
    stages = readiness.get("stages")
    listed = stages if isinstance(stages, list | tuple) else ()
    return tuple(str(_mapping(stage).get("name", "")) for stage in listed)


def _sections(card: Mapping[str, Any], readiness: Mapping[str, Any]) -> list[str]:
    score = card.get("score")
    found = [name for name in ("fit", "engagement") if name in _mapping(score)]
    found += ["score"] if score is not None else []
    found += ["grade"] if card.get("grade") is not None else []
    return found + (["stage", "urgency"] if readiness else [])
