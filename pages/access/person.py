"""People who use the pages."""

from dataclasses import dataclass
from typing import Final

from config.pages import ROLES, Role


@dataclass(frozen=True, slots=True)
class Person:
    """Who uses the pages."""

    name: str
    role: Role

    def may(self, role: Role) -> bool:
        """Return whether the person may do what this role may."""
        return ROLES.index(self.role) >= ROLES.index(role)


LOCAL: Final = Person("this machine", "approver")
"""Who uses the pages where only this machine can reach them."""
