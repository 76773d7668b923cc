"""A lease lets one process at a time work on a connection, and fences off one that wakes up too late."""

from datetime import datetime, timedelta
from types import TracebackType
from typing import Self


class Lease:
    """The right to write to one connection until `until`. Every mutating call verifies `fence` in its transaction."""

    connection: str
    holder: str
    purpose: str
    fence: int
    until: datetime

    def renew(self, ttl: timedelta | None = None) -> None:
        """Hold the lease for another `ttl` from now; raises `LeaseLost` when somebody else took over."""
        raise NotImplementedError

    def release(self) -> None:
        """Give the connection back; does nothing when the lease was lost."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
