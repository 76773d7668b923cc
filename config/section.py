"""What the sections of the settings share."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[
    str,
    Field(
        pattern=r"^[a-z][a-z0-9_-]{0,39}$",
        description="Lower-case letters, digits, `-` and `_`, starting with a letter.",
    ),
]
"""A name used in logs and in the database."""


class Strict(BaseModel):
    """A section of the settings. It rejects unknown keys and cannot be changed after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
