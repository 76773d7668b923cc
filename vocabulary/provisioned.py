"""Output fields in the CRM: why leadgauge may write them, and what provisioning did with them."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from vocabulary.findings import LONGEST
from vocabulary.outside import clean

Origin = Literal["made", "adopted"]
"""Why leadgauge may write a field of the CRM: it made the field, or a person told it to take one that was there."""

Known = Mapping[str, Origin]
"""The fields of a connection that the store remembers, by the CRM's name for them, such as `Lead.Lead_Score__c`."""

NOTHING_KNOWN: Final[Known] = MappingProxyType({})


Action = Literal[
    "created", "restored", "updated", "granted", "adopted", "unchanged", "removed", "released", "absent", "clash"
]


@dataclass(frozen=True, slots=True)
class Provisioned:
    """What `provision` did, or would do, with one field of the CRM."""

    output: str
    field: str
    action: Action
    message: str = ""
    origin: Origin | None = None
    """Why leadgauge may write the field from now on; None where it may not."""

    @property
    def is_new(self) -> bool:
        """Whether the field has not been told anything by us: it was made, made again, or adopted just now."""
        return self.action in ("created", "restored", "adopted")

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", clean(self.message, limit=LONGEST))
