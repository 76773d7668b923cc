"""References to secrets, which are kept in the environment or in a file, never in the settings themselves."""

import os
import re
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from connectors.base import ConfigurationError
from connectors.plain_files import NotPlain, read_text
from vocabulary.outside import remember

_REFERENCE: Final = re.compile(r"[$%]\{?([A-Za-z_]\w*)[}%]?", re.ASCII)
"""An environment variable as shells and other programs write it."""


class Secret(BaseModel):
    """A reference to a secret. The secret itself is read when needed and never stored."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    env: str | None = Field(default=None, description="Name of the environment variable that holds the secret.")
    file: Path | None = Field(default=None, description="Path of a file that holds the secret and nothing else.")

    @model_validator(mode="before")
    @classmethod
    def _refuse_a_bare_value(cls, value: Any) -> Any:
        if isinstance(value, str):
            name = _REFERENCE.fullmatch(value.strip())
            use = f"{{env: {name[1]}}}" if name else "{env: NAME} or {file: PATH}"
            raise ValueError(f"a secret must not be written in the settings: use {use} instead")  # noqa: TRY004 - pydantic reports ValueError
        return value

    @field_validator("env")
    @classmethod
    def _plain_name(cls, env: str | None) -> str | None:
        """Refuse what cannot be the name of a variable, without showing it: it may be the secret itself."""
        if env is None or re.fullmatch(r"[A-Za-z_]\w*", env, re.ASCII):
            return env
        if name := _REFERENCE.fullmatch(env.strip()):
            raise ValueError(f"name the variable without $ and braces: write {name[1]}")
        raise ValueError("this is not the name of an environment variable: write one such as HUBSPOT_TOKEN")

    @field_validator("file")
    @classmethod
    def _beside_the_settings(cls, file: Path | None, info: ValidationInfo) -> Path | None:
        """Resolve a relative path against the folder of the settings file, which is in the validation context."""
        return Path((info.context or {}).get("folder", "."), file) if file else None

    @model_validator(mode="after")
    def _exactly_one_place(self) -> "Secret":
        if (self.env is None) == (self.file is None):
            raise ValueError("give exactly one source of the secret: {env: NAME} or {file: PATH}")
        return self

    @property
    def place(self) -> str:
        """Where the secret is kept, worded for a message."""
        return f"the environment variable {self.env}" if self.env else f"the file {self.file}"

    def reveal(self) -> str:
        """Read the secret and strip surrounding whitespace."""
        value = (os.environ.get(self.env, "") if self.env else self._read()).strip()
        if not value:
            raise ConfigurationError(
                f"The secret is missing: {self.place} is not set or empty.", remedy="Set it and start again."
            )
        remember(value)
        return value

    def _read(self) -> str:
        assert self.file is not None
        try:
            return read_text(self.file)
        except NotPlain as problem:
            raise ConfigurationError(
                f"The secret is missing: {self.place} cannot be read: {problem.reason}.",
                remedy="Check its path and permissions.",
            ) from None
