"""The mapped fields: which property of the contact or its company each is read from."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.hubspot.settings import COMPANY
from meaning.derive import FieldSource, OwnWords
from vocabulary.fields import FieldType


@dataclass(frozen=True, slots=True, eq=False)
class Fields:
    """The contact or company property of each scorecard field, and the field's type."""

    contact: Mapping[str, FieldSource]
    company: Mapping[str, FieldSource]
    types: Mapping[str, FieldType]
    own: OwnWords = field(default_factory=OwnWords)

    @classmethod
    def of(cls, mapping: Mapping[str, str], wanted: Mapping[str, FieldType], own: OwnWords) -> "Fields":
        """Select the wanted fields and split them by object."""
        chosen = {name: FieldSource.parse(text) for name, text in mapping.items() if name in wanted}
        return cls(
            {name: source for name, source in chosen.items() if not source.starts_with(COMPANY)},
            {name: source.without(COMPANY) for name, source in chosen.items() if source.starts_with(COMPANY)},
            {name: wanted[name] for name in chosen},
            own,
        )


def properties_of(fields: Mapping[str, FieldSource]) -> list[str]:
    """Return the properties that fields are read from."""
    return list(dict.fromkeys(path for source in fields.values() for path in source.paths))
