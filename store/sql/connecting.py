"""Connects to PostgreSQL; why it refused is read from codes, since a server words its answers in any language."""

import os
import re
import socket
import time
from contextlib import suppress
from select import select
from typing import Any, Final

import psycopg
from psycopg import pq

from store.sql.address import Address

_PATIENCE: Final = 10.0
_REFUSED: Final = re.compile(r'ErrorResponse\s+S "[^"]*"(?: V "[^"]*")? C "([0-9A-Z]{5})"')
"""A refusal as libpq's trace of the protocol writes it down."""
_UNKNOWN: Final = frozenset({socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME), socket.EAI_FAIL})
_TLS: Final = ("SSL", "certificate")
_BROKEN: Final = ("SSL SYSCALL", "closed the connection", "has been closed")


class Hopeless(psycopg.OperationalError):
    """No server will ever answer under this address."""

    def __init__(self, said: str, meaning: str) -> None:
        super().__init__(said)
        self.meaning = meaning


def connect(address: Address) -> psycopg.Connection[Any]:
    """Open a connection that works through a pooler too.

    pgbouncer hands each transaction to another session of the server. So nothing is prepared, and nothing is set but
    for a transaction: transactions are begun in `store.sql.database`, with what they set.
    """
    try:
        return psycopg.connect(address.conninfo, autocommit=True, prepare_threshold=None)
    except psycopg.OperationalError as error:
        raise _told(error, address) from error
    except UnicodeError as error:  # a name with an empty part, or one longer than names may be
        raise _no_host(str(error), address) from error


def _told(error: psycopg.OperationalError, address: Address) -> psycopg.Error:
    """Return the error with its SQLSTATE, which libpq keeps to itself while it connects, or what no retry will mend."""
    if error.sqlstate or isinstance(error, psycopg.errors.ConnectionTimeout):
        return error
    said = str(error)
    if _are_unknown(address.hosts):
        return _no_host(said, address)
    if pq.PGconn.ping(address.conninfo.encode()) == pq.Ping.NO_ATTEMPT:
        return Hopeless(said, "has an address with an option that PostgreSQL's client does not take")
    if state := _state(address.conninfo):
        return psycopg.errors.lookup(state)(said) if _is_known(state) else error
    if any(word in said for word in _TLS) and not any(word in said for word in _BROKEN):
        return Hopeless(
            said, "cannot be reached by the TLS that is asked for: sslmode, sslrootcert or the server's ssl"
        )
    return error


def _no_host(said: str, address: Address) -> Hopeless:
    return Hopeless(said, f"cannot be reached: there is no host {' or '.join(address.hosts)}")


def _is_known(state: str) -> bool:
    with suppress(KeyError):
        return bool(psycopg.errors.lookup(state))
    return False


def _are_unknown(hosts: list[str]) -> bool:
    """Return whether the name service knows none of the hosts; one that is out of order tells nothing."""
    return bool(hosts) and all(map(_is_unknown, hosts))


def _is_unknown(host: str) -> bool:
    try:
        socket.getaddrinfo(host, None)
    except socket.gaierror as error:
        return error.errno in _UNKNOWN
    except UnicodeError:
        return True
    return False


def _state(conninfo: str) -> str | None:
    """Return the SQLSTATE with which the server turns a connection away now; None where it does not, or none is seen.

    The trace, which holds the sign-in too, stays in memory.
    """
    if not hasattr(os, "memfd_create"):
        return None
    trace = os.memfd_create("leadgauge-connect")
    try:
        _try(conninfo, trace)
        seen = os.pread(trace, 1 << 20, 0).decode("utf-8", "replace")
    finally:
        os.close(trace)
    found = _REFUSED.findall(seen)
    return found[-1] if found else None


def _try(conninfo: str, trace: int) -> None:
    """Connect as libpq does, tracing the protocol, until it is decided."""
    connection = pq.PGconn.connect_start(conninfo.encode())
    try:
        with suppress(psycopg.Error):
            connection.trace(trace)
            _until_decided(connection)
            connection.untrace()
    finally:
        connection.finish()


def _until_decided(connection: pq.abc.PGconn) -> None:
    end = time.monotonic() + _PATIENCE
    while connection.status != pq.ConnStatus.BAD and time.monotonic() < end:
        match connection.connect_poll():
            case pq.PollingStatus.READING:
                select([connection.socket], [], [], 1)
            case pq.PollingStatus.WRITING:
                select([], [connection.socket], [], 1)
            case _:
                return
