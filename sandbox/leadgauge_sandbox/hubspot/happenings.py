"""What happens to the records of an account, told to those who listen: the journal and the push webhooks."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from leadgauge_sandbox.faults import Faults

Action = Literal[
    "CREATE",
    "UPDATE",
    "DELETE",
    "MERGE",
    "RESTORE",
    "GDPR_DELETE",
    "ASSOCIATION_ADDED",
    "ASSOCIATION_REMOVED",
    "SNAPSHOT",
]

COMPUTED: Final = frozenset({"ANALYTICS", "CALCULATED"})
"""The sources of values that HubSpot computes."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One change of a record."""

    action: Action
    kind: str
    """The type id of the record."""
    record: int
    at: int
    source: str = "CRM_UI"
    changed: Mapping[str, str] = field(default_factory=dict)
    """The new values of properties."""
    values: Mapping[str, str] = field(default_factory=dict)
    """All values after the change."""
    merged: tuple[int, ...] = ()
    """The records that were merged into this one, the primary one first."""
    other: tuple[str, int] | None = None
    """The type id and id of the record that it was associated with."""
    association: int = 0
    """The type id of that association."""


class Listener(Protocol):
    """Somebody who is told what happens."""

    @property
    def listens(self) -> bool:
        """Whether anything is to be told at present."""

    def hear(self, happening: Happening) -> None:
        """Take note of a change."""


class Happenings:
    """Tells the listeners of an account what happens."""

    def __init__(self, *listeners: Listener, faults: Faults | None = None) -> None:
        """Tell these, unless a fault keeps something from them."""
        self._listeners, self._faults = listeners, faults
        self._hushed = 0

    @property
    def heard(self) -> bool:
        """Whether anybody listens now."""
        return not self._hushed and any(listener.listens for listener in self._listeners)

    def tell(self, happening: Happening) -> None:
        """Tell all who listen."""
        if happening.source in COMPUTED and self._faults and self._faults.active("calculated-unheard"):
            return
        for listener in self._listeners if not self._hushed else ():
            if listener.listens:
                listener.hear(happening)

    @contextmanager
    def hushed(self) -> Iterator[None]:
        """Keep what follows from the listeners: the parts of a larger change."""
        self._hushed += 1
        try:
            yield
        finally:
            self._hushed -= 1
