"""The permit to call the CRM. The store's fence protects only its own tables, not the CRM."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

from store import Lease


class Permit(Event):
    """A stop event that is also set while another process may hold the lease of the connection.

    A pass and the listener to a feed share it from two threads, and a pass may be done inside another one.
    """

    def __init__(self, asked: Event) -> None:
        super().__init__()
        self._asked = asked
        self._leases: list[Lease] = []
        """Those under which calls are made now, one for each `under`."""
        self._revoked = False

    def revoke(self) -> None:
        """Forbid all further calls, since the work was given up."""
        self._revoked = True

    @contextmanager
    def under(self, lease: Lease) -> Iterator[None]:
        """Allow calls only while the lease holds."""
        self._leases.append(lease)
        try:
            yield
        finally:
            self._leases.remove(lease)

    def is_set(self) -> bool:
        """Return whether calls must stop."""
        return self._revoked or self._asked.is_set() or not all(lease.holds() for lease in tuple(self._leases))

    def wait(self, timeout: float | None = None) -> bool:
        """Wait up to `timeout` seconds or until asked to stop; return whether calls must stop."""
        return self._asked.wait(timeout) or self.is_set()
