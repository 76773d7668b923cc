"""The record types of a portal, with all their names in URLs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class ObjectType:
    """One record type, such as contacts."""

    id: str
    name: str
    """The name in URLs: plural, lower case."""
    singular: str
    scope: str
    """The part between `crm.objects.` and `.read` in its scope."""
    first_id: int
    step: int = 1
    created: str = "hs_createdate"
    modified: str = "hs_lastmodifieddate"
    defaults: tuple[str, ...] = ()
    """Properties returned by default, besides the three that are always returned."""
    searched: tuple[str, ...] = ()
    """The same for search, where it differs."""
    unique: str | None = None
    """The property that identifies a record, besides its id."""
    lists_archived: bool = True
    custom: bool = False

    @property
    def always(self) -> tuple[str, str, str]:
        """Return the properties that are always returned."""
        return (self.created, "hs_object_id", self.modified)


TYPES: Final = (
    ObjectType(
        "0-1",
        "contacts",
        "contact",
        "contacts",
        1,
        50,
        "createdate",
        "lastmodifieddate",
        ("email", "firstname", "lastname"),
        ("company", "email", "firstname", "lastname", "phone", "website"),
        "email",
    ),
    ObjectType(
        "0-2",
        "companies",
        "company",
        "companies",
        7_945_000_003,
        17,
        "createdate",
        defaults=("domain", "name"),
        unique="domain",
    ),
    ObjectType(
        "0-3",
        "deals",
        "deal",
        "deals",
        16_455_000_007,
        13,
        "createdate",
        defaults=("amount", "closedate", "dealname", "dealstage", "pipeline"),
    ),
    ObjectType(
        "0-5",
        "tickets",
        "ticket",
        "tickets",
        2_101_000_001,
        11,
        "createdate",
        defaults=("content", "hs_pipeline", "hs_pipeline_stage", "subject"),
    ),
    ObjectType(
        "0-7",
        "products",
        "product",
        "products",
        1_201_000_001,
        7,
        "createdate",
        defaults=("description", "name", "price"),
    ),
    ObjectType(
        "0-8", "line_items", "line_item", "line_items", 1_301_000_001, 7, "createdate", defaults=("amount", "quantity")
    ),
    ObjectType(
        "0-14",
        "quotes",
        "quote",
        "quotes",
        1_401_000_001,
        7,
        defaults=("hs_expiration_date", "hs_public_url_key", "hs_status", "hs_title"),
    ),
    ObjectType("0-48", "calls", "call", "contacts", 40_101_000_001, 3),
    ObjectType("0-49", "emails", "email", "contacts", 41_101_000_001, 3),
    ObjectType("0-47", "meetings", "meeting_event", "contacts", 42_101_000_001, 3, lists_archived=False),
    ObjectType("0-46", "notes", "note", "contacts", 43_101_000_001, 3),
    ObjectType("0-27", "tasks", "task", "contacts", 44_101_000_001, 3),
    ObjectType("0-18", "communications", "communication", "contacts", 45_101_000_001, 3, lists_archived=False),
    ObjectType("0-116", "postal_mail", "postal_mail", "contacts", 46_101_000_001, 3),
    ObjectType("0-136", "leads", "lead", "leads", 47_101_000_001, 3, defaults=("hs_lead_name",)),
    ObjectType("0-54", "marketing_events", "marketing_event", "marketing_events", 48_101_000_001, 3),
    ObjectType("0-115", "users", "user", "users", 49_101_000_001, 3),
)
ALIASES: Final = {"meeting": "0-47", "engagement": "0-4"}


def names_of(kind: ObjectType) -> set[str]:
    """Return every name of a type in URLs, in lower case."""
    return {kind.id, kind.name, kind.singular, kind.name.replace("_", "-")} | {
        alias for alias, target in ALIASES.items() if target == kind.id
    }
