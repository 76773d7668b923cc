"""The objects that results are written to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from vocabulary.outputs import Of, Output


@dataclass(frozen=True, slots=True)
class Target:
    """An object of HubSpot, as its API calls it."""

    type: str
    singular: str
    id: str
    """The type's id, the same in every portal:
    https://developers.hubspot.com/docs/guides/crm/understanding-the-crm (2026-11)."""
    names: tuple[tuple[str, ...], ...] = ()
    """The properties that together say its name, and those to take if they are empty."""

    def name_of(self, properties: Mapping[str, Any]) -> str:
        """Return what people call an object; empty if nothing says it."""
        found = (" ".join(filter(None, (properties.get(one) for one in some))).strip() for some in self.names)
        return next(filter(None, found), "")


TARGETS: Final[Mapping[Of, Target]] = {
    "leads": Target("contacts", "contact", "0-1", (("firstname", "lastname"), ("email",))),
    "accounts": Target("companies", "company", "0-2", (("name",), ("domain",))),
}


OPEN_LEADS: Final = Target("leads", "lead", "0-136")
"""HubSpot's own leads, which sales works on; they belong to contacts:
https://developers.hubspot.com/docs/api-reference/latest/crm/objects/leads/guide.md (2026-11)."""


def by_target(outputs: Iterable[Output]) -> list[tuple[Target, list[Output]]]:
    """Return outputs by the object that they are written to, without objects that have none."""
    given = list(outputs)
    split = [(target, [output for output in given if output.of == of]) for of, target in TARGETS.items()]
    return [(target, some) for target, some in split if some]
