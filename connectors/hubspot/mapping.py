"""The mapped fields: which property of the contact, its company or a deal each is read from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

from connectors.hubspot.settings import COMPANY, HubSpotSettings
from meaning.derive import FieldSource, OwnWords
from vocabulary.feedback import FEEDBACK
from vocabulary.fields import ACCOUNT, FieldType

Type = Literal["contact", "company", "deal"]
"""The types of objects whose properties are mapped to fields."""
TYPES: Final[Mapping[Type, str]] = {"contact": "contacts", "company": "companies", "deal": "deals"}
"""What HubSpot calls each in its paths."""


@dataclass(frozen=True, slots=True, eq=False)
class Fields:
    """The contact, company or deal property of each scorecard field, and the field's type."""

    contact: Mapping[str, FieldSource]
    company: Mapping[str, FieldSource]
    types: Mapping[str, FieldType]
    own: OwnWords = field(default_factory=OwnWords)
    deal: Mapping[str, FieldSource] = field(default_factory=dict)
    deal_types: Mapping[str, FieldType] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        settings: HubSpotSettings,
        wanted: Mapping[str, FieldType],
        of_deals: Mapping[str, FieldType] = MappingProxyType({}),
    ) -> "Fields":
        """Select the wanted fields of leads, accounts and deals, and split them by object."""
        chosen, deal = _sources(settings.fields, wanted), _sources(settings.deals, of_deals)
        chosen |= said_by_sales(settings) if FEEDBACK in wanted else {}
        firm = _sources({ACCOUNT + name: text for name, text in settings.accounts.items()}, wanted)
        shared = {name: source.without(COMPANY) for name, source in chosen.items() if source.starts_with(COMPANY)}
        return cls(
            {name: source for name, source in chosen.items() if name not in shared},
            {**shared, **firm},
            {name: wanted[name] for name in (*chosen, *firm)},
            settings.words,
            deal,
            {name: of_deals[name] for name in deal},
        )

    def mapped(self, type_: Type) -> Mapping[str, tuple[FieldSource, FieldType]]:
        """Return where the fields of one type of object are read from, and their types."""
        types = self.deal_types if type_ == "deal" else self.types
        sources: Mapping[str, FieldSource] = getattr(self, type_)
        return {name: (source, types[name]) for name, source in sources.items()}


def said_by_sales(settings: HubSpotSettings) -> dict[str, FieldSource]:
    """Return where feedback is read from, if it is read."""
    feedback = settings.feedback
    return {} if feedback is None else {FEEDBACK: feedback.source(feedback.field)}


def _sources(mapping: Mapping[str, str], wanted: Mapping[str, FieldType]) -> dict[str, FieldSource]:
    return {name: FieldSource.parse(text) for name, text in mapping.items() if name in wanted}


def properties_of(fields: Mapping[str, FieldSource]) -> list[str]:
    """Return the properties that fields are read from."""
    return list(dict.fromkeys(path for source in fields.values() for path in source.paths))
