"""Output fields in the CRM: why leadgauge may write to them, and what provisioning did with them."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from vocabulary.findings import LONGEST
from vocabulary.outside import clean

Origin = Literal["made", "adopted"]
"""Why leadgauge may write to a CRM field: it created the field, or a person told it to adopt an existing one."""

Known = Mapping[str, Origin]
"""The fields of a connection recorded in the store, by their name in the CRM, such as `Lead.Lead_Score__c`."""

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
    """Why leadgauge may write to the field from now on; None if it may not."""
    copies: bool = False
    """Whether the field has copies of a lead's results, which are missed and sent when its records are read."""

    @property
    def is_new(self) -> bool:
        """Whether the field was just created, restored or adopted, so that we have to write to it again."""
        return not self.copies and self.action in ("created", "restored", "adopted")

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", clean(self.message, limit=LONGEST))
