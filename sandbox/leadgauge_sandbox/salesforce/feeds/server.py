"""The gRPC server of the Pub/Sub API, on loopback and without TLS."""

import contextlib
import errno
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import grpc

from leadgauge_sandbox.salesforce.feeds.bus import Bus
from leadgauge_sandbox.salesforce.feeds.events import Publisher
from leadgauge_sandbox.salesforce.feeds.schemas import Schemas
from leadgauge_sandbox.salesforce.feeds.service import Service
from leadgauge_sandbox.salesforce.feeds.subscription import Timing
from leadgauge_sandbox.salesforce.state import Sandbox

HOST: Final = "127.0.0.1"
CALLS: Final = 64
"""The most calls at a time; a subscription is one."""
GRACE: Final = 0.2
"""Seconds that calls have to end after the server has said GOAWAY."""


LONGEST: Final = 2.0
"""Seconds to wait for calls to end."""


class FeedServer:
    """Makes events of the org's changes and serves them."""

    def __init__(self, sandbox: Sandbox, seed: int) -> None:
        """Publish the changes of the selected objects from now on."""
        org = sandbox.org
        self.timing, self.schemas = Timing(), Schemas()
        self.bus = Bus(org.clock, seed)
        self.service = Service(sandbox, self.bus, self.schemas, self.timing)
        publisher = Publisher(sandbox.feed.channels, self.schemas, sandbox.faults, seed, self.bus.append)
        org.journal.publish = publisher.publish
        self._server: grpc.Server | None = None
        self._port = 0

    def start(self, port: int = 0) -> int:
        """Serve on a port, if not yet, and return it; raises OSError if it is taken."""
        if self._server is None:
            self._server, self._port = self._serving(port)
        return self._port

    def stop(self, grace: float | None = None) -> None:
        """Stop: no new calls, and open ones end after a grace period in seconds."""
        if self._server is not None:
            self._server.stop(grace).wait(LONGEST)
            self._server = None

    def restart(self) -> None:
        """Close all connections, as for maintenance: clients get GOAWAY, and find the server again."""
        self.stop(GRACE)
        self.start(self._port)

    def _serving(self, port: int) -> tuple[grpc.Server, int]:
        server = grpc.server(ThreadPoolExecutor(CALLS, "feed"), options=[("grpc.so_reuseport", 0)])
        server.add_generic_rpc_handlers((self.service.handlers(),))
        with contextlib.suppress(RuntimeError):
            bound = server.add_insecure_port(f"{HOST}:{port}")
            server.start()
            return server, bound
        raise OSError(errno.EADDRINUSE, "Address already in use")
