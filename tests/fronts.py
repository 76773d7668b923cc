"""Fronts of a PostgreSQL: a pgbouncer, and a proxy that refuses connections."""

import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import URL, make_url

PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
SSL_REQUEST, GSS_REQUEST = 80877103, 80877104


@contextmanager
def pgbouncer(server: URL, mode: str) -> Iterator[URL]:
    """Run a real pgbouncer in front of a server, with two server sessions for all clients."""
    if PGBOUNCER is None:
        pytest.skip("pgbouncer is missing: apt-get install pgbouncer")
    with tempfile.TemporaryDirectory(prefix="leadgauge-pgbouncer-") as folder:
        Path(folder).chmod(0o755)
        port, settings = free_port(), Path(folder) / "pgbouncer.ini"
        settings.write_text(
            f"[databases]\n* = {_towards(server)}\n"
            f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n"
            f"pool_mode = {mode}\ndefault_pool_size = 2\nmax_client_conn = 50\n"
        )
        other = ["-u", _owner(server)] if os.geteuid() == 0 else []
        with subprocess.Popen([PGBOUNCER, "-q", *other, str(settings)], stderr=subprocess.PIPE) as process:
            try:
                until_open(port)
                yield server.set(host="127.0.0.1", port=port, query={})
            finally:
                process.terminate()


def _towards(server: URL) -> str:
    host, port = socket_of(server)
    secret = f" password={server.password}" if server.password else ""
    return f"host={host} port={port} user={server.username}{secret}"


def _owner(server: URL) -> str:
    """Return the user for the server's socket, as pgbouncer refuses to run as root."""
    folder = Path(socket_of(server)[0])
    return folder.owner() if folder.is_absolute() else "nobody"


def socket_of(server: URL) -> tuple[str, int]:
    """Return a server's socket folder or host."""
    return str(server.query.get("host") or server.host or "127.0.0.1"), server.port or 5432


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def until_open(port: int) -> None:
    for _ in range(200):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise AssertionError("it does not listen")


class Doorkeeper:
    """Listens like a PostgreSQL without TLS, and forwards connections to a real one or refuses them."""

    def __init__(self, server: URL | None = None) -> None:
        self._server, self._listening = server, socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self.refusals: list[tuple[str, str]] = []
        """(SQLSTATE, message) for the next connections, one each; without a server, the last one stays."""
        self.turned_away = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def url(self, database: str = "leadgauge", options: str = "") -> str:
        user = (self._server.username if self._server else None) or "somebody"
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}{options}"

    def close(self) -> None:
        self._listening.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                visitor = self._listening.accept()[0]
                threading.Thread(target=self._admit, args=(visitor,), daemon=True).start()

    def _admit(self, visitor: socket.socket) -> None:
        with visitor, suppress(OSError):
            first = self._startup(visitor)
            if first and self.refusals:
                refusal = self.refusals[0] if self._server is None else self.refusals.pop(0)
                self.turned_away += 1
                visitor.sendall(refused(*refusal))
            elif first and self._server is not None:
                self._hand_on(visitor, first, self._server)

    def _startup(self, visitor: socket.socket) -> bytes:
        while head := visitor.recv(4, socket.MSG_WAITALL):
            body = visitor.recv(int.from_bytes(head) - 4, socket.MSG_WAITALL)
            if int.from_bytes(body[:4]) not in {SSL_REQUEST, GSS_REQUEST}:
                return head + body
            visitor.sendall(b"N")
        return b""

    def _hand_on(self, visitor: socket.socket, first: bytes, server: URL) -> None:
        host, port = socket_of(server)
        with socket.socket(socket.AF_UNIX if host.startswith("/") else socket.AF_INET) as inside:
            inside.connect(f"{host}/.s.PGSQL.{port}" if host.startswith("/") else (host, port))
            inside.sendall(first)
            back = threading.Thread(target=_pour, args=(inside, visitor), daemon=True)
            back.start()
            _pour(visitor, inside)
            back.join()


def _pour(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def refused(state: str, words: str) -> bytes:
    """Return PostgreSQL's message for a refused connection."""
    fields = b"".join(
        kind + text.encode() + b"\0" for kind, text in ((b"S", "FATAL"), (b"V", "FATAL"), (b"C", state), (b"M", words))
    )
    return b"E" + (len(fields) + 5).to_bytes(4) + fields + b"\0"


def as_user(url: str, user: str) -> str:
    """Return a database's URL for another user."""
    return make_url(url).set(username=user).render_as_string(hide_password=False)
