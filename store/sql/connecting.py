"""Connecting to PostgreSQL. Errors are classified by code, since servers translate their messages."""

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
"""A refusal in libpq's protocol trace."""
_UNKNOWN: Final = frozenset({socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME), socket.EAI_FAIL})
_TLS: Final = ("SSL", "certificate")
_BROKEN: Final = ("SSL SYSCALL", "closed the connection", "has been closed")


class Permanent(psycopg.OperationalError):
    """A connection error that no retry can fix."""

    def __init__(self, message: str, meaning: str) -> None:
        super().__init__(message)
        self.meaning = meaning


def connect(address: Address) -> psycopg.Connection[Any]:
    """Open a connection, possibly through a pooler.

    pgbouncer may run each transaction in a different server session. So there are no prepared statements, and settings
    are made per transaction (see `store.sql.database`).
    """
    try:
        return psycopg.connect(address.conninfo, autocommit=True, prepare_threshold=None)
    except psycopg.OperationalError as error:
        raise _classified(error, address) from error
    except UnicodeError as error:  # a host name with an empty part, or one that is too long
        raise _no_host(str(error), address) from error


def _classified(error: psycopg.OperationalError, address: Address) -> psycopg.Error:
    """Return the error with its SQLSTATE, which libpq hides while connecting, or as `Permanent`."""
    if error.sqlstate or isinstance(error, psycopg.errors.ConnectionTimeout):
        return error
    message = str(error)
    if _are_unknown(address.hosts):
        return _no_host(message, address)
    if pq.PGconn.ping(address.conninfo.encode()) == pq.Ping.NO_ATTEMPT:
        return Permanent(message, "has an address with an option that PostgreSQL's client does not accept")
    if state := _state(address.conninfo):
        return psycopg.errors.lookup(state)(message) if _is_known(state) else error
    if any(word in message for word in _TLS) and not any(word in message for word in _BROKEN):
        return Permanent(
            message, "cannot be reached with the TLS settings: check sslmode, sslrootcert and the server's ssl"
        )
    return error


def _no_host(message: str, address: Address) -> Permanent:
    return Permanent(message, f"cannot be reached: there is no host {' or '.join(address.hosts)}")


def _is_known(state: str) -> bool:
    with suppress(KeyError):
        return bool(psycopg.errors.lookup(state))
    return False


def _are_unknown(hosts: list[str]) -> bool:
    """Return whether none of the host names exist. A failing name service does not count."""
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
    """Connect again and return the SQLSTATE with which the server refuses; None if there is none.

    The trace contains the authentication, so it is kept in memory.
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
    """Connect with libpq and write a trace of the protocol."""
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
