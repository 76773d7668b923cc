"""The identity of a process: unique, and considered dead only if that is certain."""

import os
import socket
from functools import cache
from pathlib import Path
from secrets import token_hex
from typing import Final

import orjson

from store import Holder

PROC: Final = Path("/proc")
TRACES: Final = ("boot", "namespace")
"""These must be equal for another process's pid to mean anything here."""


def me() -> Holder:
    """Return this process as a lease holder: host and pid for people, a random id for comparison."""
    return Holder(f"{socket.gethostname()}:{os.getpid()}", _identity())


@cache
def _identity() -> str:
    """Return a unique identity; two containers may share host name, pid and even the number of their namespace."""
    return orjson.dumps({"id": token_hex(8), **traces(os.getpid())}).decode()


os.register_at_fork(after_in_child=_identity.cache_clear)


def traces(number: int) -> dict[str, str]:
    """Return how to find a process of this machine later; empty if the system does not support it.

    A pid can be reused within hours, so the start time of the process is included.
    """
    try:
        boot = (PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        namespace = str((PROC / "self/ns/pid").readlink())
        sees_itself = str((PROC / "self").readlink()) == str(
            os.getpid()
        )  # otherwise /proc belongs to another namespace
        began = _began(number)
    except OSError:
        return {}
    return {"boot": boot, "namespace": namespace, "number": str(number), "began": began} if sees_itself else {}


def died(identity: str) -> bool:
    """Return whether the process ran on this machine and has ended; False if that is unknown."""
    here, then = traces(os.getpid()), _read(identity)
    if not here or any(here[name] != then.get(name) for name in TRACES):
        return False
    return not _runs(int(then["number"]), then["began"])


def _runs(number: int, began: str) -> bool:
    try:
        os.kill(number, 0)
        return _began(number) == began
    except ProcessLookupError:
        return False
    except OSError:  # another user's process, whose start time may be hidden
        return True


def _began(number: int) -> str:
    """Return when a process started, in ticks since boot: field 22 of stat, counted after the name in parentheses."""
    return (PROC / str(number) / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[19]


def _read(identity: str) -> dict[str, str]:
    """Return the parts of an identity; empty if an older leadgauge or a test wrote it."""
    try:
        return dict(orjson.loads(identity))
    except (ValueError, TypeError):
        return {}
