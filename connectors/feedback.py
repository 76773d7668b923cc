"""The settings about the field in which sales says what it found, and how its values are read."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final

import polars as pl
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from meaning.derive import Derivation, FieldSource, OwnWords
from vocabulary.closest import closest
from vocabulary.feedback import FEEDBACK, MEANINGS, Meaning

_BY_NAME: Final[Mapping[str, Meaning]] = {one.lower(): one for one in MEANINGS}


def _switch(value: Any) -> Any:
    """Interpret `true`, `false`, `on` or `off` instead of a section."""
    if value in (True, "on"):
        return {}
    return None if value in (False, "off") else value


def _one_or_several(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


SWITCHED: Final = BeforeValidator(_switch)
Texts = Annotated[tuple[str, ...], BeforeValidator(_one_or_several)]


class Feedback(BaseModel):
    """A field that sales fills: `Good`, `Bad fit`, `Bad timing` or `Bot`. It is read, and never written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    values: dict[Meaning, Texts] = Field(
        default={},
        description="Which values of the field have one of the four meanings, such as `{Bad fit: [Student, Wrong"
        " country], Bot: [Spam]}`. The four themselves need not be named; other values count under their own name.",
    )

    @field_validator("values", mode="before")
    @classmethod
    def _named(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        return {_meaning(name, value): value for name, value in given.items()}

    @field_validator("values")
    @classmethod
    def _each_once(cls, values: dict[Meaning, tuple[str, ...]]) -> dict[Meaning, tuple[str, ...]]:
        seen: dict[str, Meaning] = {}
        for meaning, texts in values.items():
            for text in texts:
                if (first := seen.setdefault(_folded(text), meaning)) != meaning:
                    raise ValueError(f"'{text}' means both {first} and {meaning}: name it once")
        return values

    @property
    def meanings(self) -> Mapping[str, Meaning]:
        """The meaning of each value, in lower case."""
        named = {_folded(text): meaning for meaning, texts in self.values.items() for text in texts}
        return {**_BY_NAME, **named}

    @property
    def is_made(self) -> bool:
        """Whether the field is the one that `provision` creates, because the settings name no other."""
        return bool(getattr(self, "field", None) == type(self).model_fields["field"].default)

    def source(self, path: str) -> FieldSource:
        """Return a field of the CRM as the source of meanings."""
        return FieldSource((path,), Derivation(FEEDBACK, "text", "", self._read))

    def _read(self, text: pl.Expr, _own: OwnWords) -> pl.Expr:
        plain = text.str.strip_chars()
        return plain.str.to_lowercase().replace_strict(self.meanings, default=plain, return_dtype=pl.String)

    def lacking(self, choices: Iterable[str]) -> list[str]:
        """Return the values that are named and that the field does not have."""
        known = {_folded(choice) for choice in choices}
        return [text for texts in self.values.values() for text in texts if _folded(text) not in known]


def _meaning(name: Any, value: Any) -> Any:
    """Return a meaning whatever its capitals; raise ValueError for anything else."""
    found = _BY_NAME.get(_folded(str(name)))
    if found is None:
        raise ValueError(f"'{name}' is no meaning of feedback: {_instead(str(name), value)}")
    return found


def _instead(name: str, value: Any) -> str:
    """Return what to write instead of a name that is no meaning; `Nice: Good` has the two the wrong way round."""
    turned = _BY_NAME.get(_folded(value)) if isinstance(value, str) else None
    if turned:
        return f"write the meaning first and your value behind it, `{turned}: [{name}]`"
    if near := closest(name, MEANINGS):
        return f"did you mean {near}?"
    return f"write one of {', '.join(MEANINGS)} first and your values behind it, such as `Good: [{name}]`"


def _folded(text: str) -> str:
    return " ".join(text.split()).lower()
