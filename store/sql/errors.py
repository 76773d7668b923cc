"""What the store raises, named for what the caller does next.

::

    StoreError
    ├── LeaseHeld    somebody else works on this connection: wait, or stop them
    └── LeaseLost    somebody else took over: stop at once, nothing more is written
"""

from datetime import datetime


class StoreError(Exception):
    """The database did not do what was asked; says what happened and what to change."""

    exit_code = 1


class LeaseHeld(StoreError):  # noqa: N818 - named for what the caller does next
    """Another process works on this connection until `until`, or longer if it goes on renewing."""

    def __init__(self, connection: str, holder: str, purpose: str, until: datetime, process: str) -> None:
        super().__init__(
            f"{connection}: {holder} is at work ({purpose}) and holds the connection until {until:%Y-%m-%d %H:%M:%S} "
            "UTC. Wait for it or stop it; the lease of a process that died runs out by itself."
        )
        self.connection, self.holder, self.purpose, self.until = connection, holder, purpose, until
        self.process = process


class LeaseLost(StoreError):  # noqa: N818 - named for what the caller does next
    """This process lost the connection to another one; what it was about to write was not written."""

    def __init__(self, connection: str) -> None:
        super().__init__(
            f"{connection}: another process took over while this one paused. Nothing was written; start again."
        )
        self.connection = connection
