"""The base of all scorecard models: unknown keys are rejected and nothing changes after loading."""

from functools import cached_property
from typing import Annotated, Final, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

RESERVED: Final = frozenset(
    "all any not activities unanswered surge fit engagement score grade stage urgency id lead".split()  # noqa: SIM905 - reads as a list of words
)
"""Names with a meaning of their own in a condition, so no field can use them."""

FieldName = Annotated[str, StringConstraints(pattern=r"^\w[\w .-]*$")]
Placeholder = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
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
