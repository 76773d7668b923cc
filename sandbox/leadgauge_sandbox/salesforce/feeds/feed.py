"""The change data capture of an org, with its server if the packages for it are there."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from leadgauge_sandbox.salesforce.feeds.channels import Channels
from leadgauge_sandbox.salesforce.feeds.deliveries import Deliveries

if TYPE_CHECKING:
    from leadgauge_sandbox.faults import Fault, Faults
    from leadgauge_sandbox.salesforce.org import Org

NOT_SERVED: Final = "not served: install leadgauge-sandbox[feeds]"


@dataclass(slots=True)
class Feed:
    """Channels, allocation and server."""

    channels: Channels
    deliveries: Deliveries
    server: Any = None
    """The `FeedServer`; None without its packages."""
    port: int = 0
    """The port to serve on; 0 for a free one."""
    _silence: tuple[Fault, float] | None = None
    """The fault that silences the feed, and when it was first noticed."""

    @classmethod
    def of(cls, org: Org, faults: Faults, port: int) -> Feed:
        """Return the feed of an org, not yet served."""
        return cls(Channels(org), Deliveries(org.clock, faults), port=port)

    def start(self, port: int | None = None) -> None:
        """Serve, if not yet, on another port than planned if one is given; raises OSError if it is taken."""
        if self.server is not None:
            self.port = self.server.start(self.port if port is None else port)

    def stop(self) -> None:
        """Stop serving."""
        if self.server is not None:
            self.server.stop()

    def is_silent(self) -> bool:
        """Return whether a fault silences the feed: for its seconds, or without any until it is off."""
        fault = self.deliveries.faults.active("feed-silence")
        if fault is None:
            return False
        if self._silence is None or self._silence[0] is not fault:
            self._silence = fault, time.monotonic()
        return not fault.argument or time.monotonic() - self._silence[1] < fault.number(0)

    @property
    def address(self) -> str:
        """Where the Pub/Sub API is, without TLS, or why it is not."""
        return NOT_SERVED if self.server is None else f"127.0.0.1:{self.port}"
