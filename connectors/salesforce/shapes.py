"""The properties of a field that decide whether it can hold an output, whichever API described it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from connectors.salesforce.describe import FieldInfo
from connectors.salesforce.readings import FieldMetadata
from vocabulary.outputs import Output

_DESCRIBED: Final[Mapping[str, str]] = {
    **dict.fromkeys(("double", "int", "percent", "currency"), "number"),
    "picklist": "choice",
    **dict.fromkeys(("string", "textarea"), "text"),
    "datetime": "time",
}
_COMPONENTS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("Number", "Currency", "Percent"), "number"),
    "Picklist": "choice",
    **dict.fromkeys(("Text", "TextArea", "LongTextArea"), "text"),
    "DateTime": "time",
}
LONGEST_TEXT: Final = 255
WHOLE_DIGITS: Final = 4
"""Digits that a score may have before the decimal point."""
SHARE_DIGITS: Final = 3
"""The same for a number with decimals, which is a percentage."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A field's type and bounds."""

    type: str
    """Salesforce's name of the type, which differs between `describe` and metadata."""
    holds: str | None
    """The type of outputs that it can hold."""
    formula: bool = False
    required: bool = False
    unique: bool = False
    digits: int = 0
    """Before the decimal point."""
    scale: int = 0
    length: int = 0
    choices: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()
    """The description of each choice; none where `describe` was asked, which does not tell them."""
    restricted: bool = False
    """Whether it accepts only its choices."""
    global_values: bool = False
    """Whether its choices belong to a global value set shared with other fields."""

    @classmethod
    def described(cls, field: FieldInfo) -> Self:
        """Convert a field as `describe` returns it to the integration user."""
        whole = 0 if field.type == "int" else field.precision - field.scale
        return cls(
            type=field.type,
            holds=_DESCRIBED.get(field.type),
            formula=field.formula,
            required=field.required,
            unique=field.unique,
            digits=whole or field.digits,
            scale=field.scale,
            length=field.length,
            choices=field.choices,
            restricted=field.restricted,
        )

    @classmethod
    def component(cls, found: FieldMetadata) -> Self:
        """Convert the definition of a custom field."""
        value_set = found.valueSet
        definition = value_set.valueSetDefinition if value_set else None
        scale = found.scale or 0
        return cls(
            type=found.type,
            holds=_COMPONENTS.get(found.type),
            formula=bool(found.formula),
            required=bool(found.required),
            unique=bool(found.unique),
            digits=(found.precision or 0) - scale,
            scale=scale,
            length=found.length or (LONGEST_TEXT if found.type == "TextArea" else 0),
            restricted=bool(value_set and value_set.restricted),
            choices=tuple(value.valueName for value in (definition.value if definition else ())),
            sentences=tuple(value.description or "" for value in (definition.value if definition else ())),
            global_values=bool(value_set and value_set.valueSetName),
        )

    def lacking(self, output: Output) -> list[str]:
        """Return the choices of an output that the field does not have."""
        return [choice for choice in output.choices if choice not in self.choices]

    def reworded(self, output: Output) -> list[str]:
        """Return the choices of an output that the field describes otherwise."""
        told = dict(zip(self.choices, self.sentences, strict=False))
        return [one for one in output.choices if (said := output.sentence_of(one)) and told.get(one, said) != said]

    def unfit(self, output: Output) -> str:
        """Return why the field can never hold an output; empty if it can."""
        if self.formula:
            return "is a formula, so nothing can be written to it."
        if self.holds != output.type:
            return f"is of type {self.type} and cannot hold a {output.type}."
        if self.required:
            return "is required, but a result may be empty."
        if self.unique:
            return "takes each value once only, but many leads share a result."
        if self.global_values and (missing := self.lacking(output)):
            return f"lacks the choices {', '.join(missing)}, which belong to a global value set: add them there."
        return ""

    def narrow(self, output: Output) -> str:
        """Return why values of an output would not fit; empty if they do."""
        if output.type == "text" and self.length < output.length:
            return f"takes {self.length} characters, but a result may have {output.length}."
        if output.type != "number":
            return ""
        needed = SHARE_DIGITS if output.decimals else WHOLE_DIGITS
        if self.scale < output.decimals:
            return f"keeps {self.scale} decimals, but a result has {output.decimals}."
        if self.digits < needed:
            return f"takes {self.digits} digits before the point, but a result may have {needed}."
        return ""
