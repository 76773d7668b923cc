"""The pages of leads and accounts in the CRM, for people to open."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from vocabulary.outputs import Of

ID: Final = "{lead}"


@dataclass(frozen=True, slots=True)
class Links:
    """How to make the URL of the page of a lead or an account from its id."""

    pages: Mapping[str, str] = field(default_factory=dict)
    """The URL of leads by what the id begins with; `{lead}` stands for the id."""
    accounts: Mapping[str, str] = field(default_factory=dict)
    """The same for accounts."""

    def of(self, id_: str, of: Of = "leads") -> str | None:
        """Return the URL of the page of a lead or an account, or None if it is unknown."""
        found = next((page for start, page in self.to(of).pages.items() if id_.startswith(start)), None)
        return None if found is None else found.replace(ID, id_)

    def to(self, of: Of) -> "Links":
        """Return only the links to leads, or only those to accounts, as links of whatever is listed."""
        return Links(self.pages if of == "leads" else self.accounts)
