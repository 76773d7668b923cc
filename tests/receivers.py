"""A webhook and a mail server on loopback that take messages, or misbehave as they are told."""

import base64
import json
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from types import MethodType
from typing import Any

import pytest

LONG = 30.0


@dataclass
class Hook:
    """A webhook. `acts` says how the next calls are answered; then it answers 200."""

    port: int = 0
    acts: list[Any] = field(default_factory=list)
    got: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/services/T00SECRET/B00/hush?sig=verysecretsignature"


class _HookHandler(BaseHTTPRequestHandler):
    hook: Hook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        match self.hook.acts.pop(0) if self.hook.acts else 200:
            case "close":
                self.connection.shutdown(socket.SHUT_RDWR)
            case "hang":
                self.hook.ended.wait(LONG)
            case "drip":
                self._drip(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000)
            case "drip body":
                self._drip(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"o" * 100_000)
            case (code, headers):
                self._answer(code, headers, b"")
            case 200 | MethodType() as act:
                self.hook.got.append(json.loads(body))
                self.hook.headers.append(dict(self.headers))
                if isinstance(act, MethodType):
                    act()
                self._answer(200, {}, b"ok")
            case code:
                self._answer(code, {}, f"no, not {self.hook.url}".encode())

    def _drip(self, said: bytes) -> None:
        with suppress(OSError):
            for sign in said:
                self.wfile.write(bytes([sign]))
                if self.hook.ended.wait(0.05):
                    return

    def _answer(self, code: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(code)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def served(server: Any, made: Any) -> Iterator[Any]:
    """Serve from a thread until the block ends."""
    server.daemon_threads, server.block_on_close = True, False
    made.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield made
    finally:
        made.ended.set()
        server.shutdown()
        server.server_close()


@contextmanager
def hook(pair: tuple[Path, Path] | None = None) -> Iterator[Hook]:
    """Serve a webhook, by HTTPS if a certificate and its key are given."""
    made = Hook()
    handler = type("Handler", (_HookHandler,), {"hook": made})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    if pair:
        server.socket = serving(pair).wrap_socket(server.socket, server_side=True)
    with served(server, made):
        yield made


def serving(pair: tuple[Path, Path]) -> ssl.SSLContext:
    """Return the context of a server with a certificate and its key."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*pair)
    return context


@dataclass
class Terminator:
    """A proxy that speaks TLS in front of a server that does not."""

    port: int = 0
    ended: threading.Event = field(default_factory=threading.Event)


class _TerminatorHandler(StreamRequestHandler):
    target: int
    context: ssl.SSLContext

    def handle(self) -> None:
        with (
            suppress(OSError),
            self.context.wrap_socket(self.request, server_side=True) as near,
            socket.create_connection(("127.0.0.1", self.target)) as far,
        ):
            threading.Thread(target=_pour, args=(far, near), daemon=True).start()
            _pour(near, far)


def _pour(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while some := source.recv(65_536):
            target.sendall(some)


@contextmanager
def terminator(target: int, pair: tuple[Path, Path]) -> Iterator[int]:
    """Serve what a port on loopback serves by TLS, and yield the port of that."""
    handler = type("Handler", (_TerminatorHandler,), {"target": target, "context": serving(pair)})
    with served(ThreadingTCPServer(("127.0.0.1", 0), handler), Terminator()) as made:
        yield made.port


@dataclass
class Mailer:
    """A mail server. `act`: fine, hang, drip, close, reject, busy, no_tls; `tls`: from the start.

    `act` may also be a verb, such as DATA: it hangs once it has heard it; `.`: once it has the mail.
    """

    port: int = 0
    act: str = "fine"
    tls: bool = False
    mails: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)


def certificate(folder: Path, name: str = "localhost") -> tuple[Path, Path]:
    """Make a certificate that signs itself; return it and its key."""
    pem, key = folder / f"{name}.pem", folder / f"{name}.key"
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    about = ["-days", "2", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    subprocess.run([*made, *about, "-keyout", str(key), "-out", str(pem)], check=True, capture_output=True)
    return pem, key


class _MailHandler(StreamRequestHandler):
    mailer: Mailer
    context: ssl.SSLContext
    secure = False

    def handle(self) -> None:
        with suppress(OSError, ssl.SSLError):
            if self.mailer.tls:
                self._encrypt()
            if self.mailer.act == "hang":
                self.mailer.ended.wait(LONG)
            elif self.mailer.act == "drip":
                while not self.mailer.ended.wait(0.05):
                    self.wfile.write(b"220-wait\r\n")
            elif self.mailer.act != "close":
                self._talk()

    def finish(self) -> None:
        with suppress(OSError, ValueError):
            super().finish()
        self.connection.close()

    def _talk(self) -> None:
        self._say("220 here")
        while line := self.rfile.readline().decode("latin-1").strip():
            verb, _, rest = line.partition(" ")
            if verb.upper() == self.mailer.act:
                self.mailer.ended.wait(LONG)
            getattr(self, f"_{verb.lower()}", self._fine)(rest)
            if verb == "QUIT":
                return

    def _encrypt(self) -> None:
        self.connection = self.context.wrap_socket(self.request, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
        self.secure = True

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def _fine(self, _: str) -> None:
        self._say("250 fine")

    def _ehlo(self, _: str) -> None:
        offers = ["AUTH PLAIN"] if self.secure else [] if self.mailer.act == "no_tls" else ["STARTTLS"]
        for offer in ("here", *offers):
            self._say(f"250-{offer}")
        self._say("250 8BITMIME")

    def _starttls(self, _: str) -> None:
        self._say("220 go")
        self._encrypt()

    def _auth(self, rest: str) -> None:
        self.mailer.logins.append(base64.b64decode(rest.split()[1]).decode())
        self._say("535 5.7.8 no" if self.mailer.act == "reject" else "235 welcome")

    def _rcpt(self, rest: str) -> None:
        self.mailer.recipients.append(rest)
        self._say("250 fine")

    def _data(self, _: str) -> None:
        if self.mailer.act == "busy":
            self._say("451 4.3.0 later")
            return
        self._say("354 go on")
        lines = iter(self.rfile.readline, b".\r\n")
        self.mailer.mails.append(b"".join(lines).decode())
        if self.mailer.act == ".":
            self.mailer.ended.wait(LONG)
        self.mailer.encrypted.append(self.secure)
        self._say("250 taken")


@contextmanager
def mailer(pem: Path, key: Path, *, tls: bool = False) -> Iterator[Mailer]:
    made = Mailer(tls=tls)
    handler = type("Handler", (_MailHandler,), {"mailer": made, "context": serving((pem, key))})
    with served(ThreadingTCPServer(("127.0.0.1", 0), handler), made):
        yield made


@contextmanager
def deaf(*, full: bool = False) -> Iterator[int]:
    """Listen on a port, which is yielded, without ever answering; `full`: not even connections are made."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0 if full else 16))
        port = listener.getsockname()[1]
        for _ in range(2 * full):
            caller = stack.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(("127.0.0.1", port))
        yield port


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    """A webhook whose address is in SLACK."""
    with hook() as made:
        monkeypatch.setenv("SLACK", made.url)
        yield made


@pytest.fixture
def other(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    """A second one, in OTHER."""
    with hook() as made:
        monkeypatch.setenv("OTHER", made.url)
        yield made


def soon(what: Callable[[], object], seconds: float = 10.0) -> bool:
    """Return whether something becomes true."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if what():
            return True
        time.sleep(0.02)
    return False
