"""A host other than the CRM, named in a wrong response: it returns 404 and records the credentials it receives."""

from collections.abc import Iterator
from contextlib import contextmanager

from starlette.types import Receive, Scope, Send

from leadgauge_sandbox.server import serve


class Stranger:
    """The host and the credentials it received."""

    def __init__(self) -> None:
        self.url = ""
        self.credentials: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        sent = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        self.credentials += [f"{scope['path']} {name}" for name in ("authorization", "cookie") if name in sent]
        await send({"type": "http.response.start", "status": 404, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})


@contextmanager
def stranger() -> Iterator[Stranger]:
    """Serve a stranger on loopback."""
    host = Stranger()
    with serve(host) as host.url:
        yield host
