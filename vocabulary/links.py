"""The pages of leads in the CRM, for people to open."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

ID: Final = "{lead}"


@dataclass(frozen=True, slots=True)
class Links:
    """How to make the URL of a lead's page from its id."""

    pages: Mapping[str, str] = field(default_factory=dict)
    """The URL by what the id begins with; `{lead}` stands for the id."""

    def of(self, lead: str) -> str | None:
        """Return the URL of a lead's page, or None if it is unknown."""
        found = next((page for start, page in self.pages.items() if lead.startswith(start)), None)
        return None if found is None else found.replace(ID, lead)
