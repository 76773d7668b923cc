"""The permit to call the CRM, which does not know leases: the store's fence stops at its own tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

from store import Lease


class Permit(Event):
    """Set when calls must stop: when that is asked for, and while another process may have the connection."""

    def __init__(self, asked: Event) -> None:
        super().__init__()
        self._asked = asked
        self._lease: Lease | None = None
        self._revoked = False

    def revoke(self) -> None:
        """Let no further call be made, ever: the work that this was for was given up."""
        self._revoked = True

    @contextmanager
    def under(self, lease: Lease) -> Iterator[None]:
        """Bind the calls of a piece of work to a lease."""
        self._lease = lease
        try:
            yield
        finally:
            self._lease = None

    def is_set(self) -> bool:
        """Return whether no further call may be made."""
        lease = self._lease
        return self._revoked or self._asked.is_set() or (lease is not None and not lease.holds())

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for so many seconds, or until asked to stop; return whether no further call may be made."""
        return self._asked.wait(timeout) or self.is_set()
