"""Patterns of the settings that give forms, pages and campaigns their kind, by what they are called."""

from collections.abc import Sequence
from typing import Annotated

import polars as pl
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from vocabulary.patterns import checked, found


class Becomes(BaseModel):
    """A pattern and the kind of activity that what it matches becomes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    match: Annotated[str, AfterValidator(checked)] = Field(
        description=(
            "Regular expression (Rust's syntax), found anywhere without case, in the name of the form, page or"
            " campaign, or in its URL or `Type`."
        )
    )
    kind: str = Field(description="The kind of activity, such as `demo_request`.")


def own_kinds(patterns: Sequence[Becomes], text: pl.Expr) -> list[pl.Expr]:
    """Return the kind that each pattern gives a text; null where it is not found in it."""
    return [pl.when(matches(one, text)).then(pl.lit(one.kind)) for one in patterns]


def matches(one: Becomes, text: pl.Expr) -> pl.Expr:
    """Return whether a pattern is found in a text, whose `-` and `_` separate words: `/request-a_demo`."""
    return found(one.match, text.str.replace_all("[_-]", " "))
