"""Errors of the store, named for what the caller should do.

::

    StoreError
    ├── LeaseHeld    another process has the connection: wait, or stop that process
    └── LeaseLost    another process took over: stop at once, nothing was written
"""

from datetime import datetime


class StoreError(Exception):
    """A database error. The message says what happened and what to change."""

    exit_code = 1


class LeaseHeld(StoreError):  # noqa: N818 - named for the situation
    """Another process has the lease of this connection until `until`, or longer if it renews it."""

    def __init__(self, connection: str, holder: str, purpose: str, until: datetime, process: str) -> None:
        super().__init__(
            f"{connection}: {holder} holds the connection ({purpose}) until {until:%Y-%m-%d %H:%M:%S} UTC. "
            "Wait for it or stop it; the lease of a dead process expires by itself."
        )
        self.connection, self.holder, self.purpose, self.until = connection, holder, purpose, until
        self.process = process


class LeaseLost(StoreError):  # noqa: N818 - named for the situation
    """Another process took over the connection; the current write was not made."""

    def __init__(self, connection: str) -> None:
        super().__init__(
            f"{connection}: another process took over while this one paused. Nothing was written; start again."
        )
        self.connection = connection
