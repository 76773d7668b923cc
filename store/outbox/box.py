"""What identifies an outbox: its number, whose results it has, and how their fields are called in the CRM."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from store.sql.schema import OUTPUTS
from vocabulary.outputs import Of, field_of


@dataclass(frozen=True, slots=True)
class Box:
    """One outbox."""

    number: int
    prefix: str = ""
    of: Of = "leads"

    @property
    def fields(self) -> Mapping[str, str]:
        """The name of the field in the CRM, by output."""
        return {name: field_of(name, self.of, self.prefix) for name in OUTPUTS}

    def named(self, fields: Collection[str]) -> list[str]:
        """Return the outputs whose fields are among these."""
        return [name for name, field in self.fields.items() if field in fields]
