"""Who a process is: told apart from every other one, and counted as dead only where that is certain."""

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
"""What must be equal before the number of another process means anything here."""


def me() -> Holder:
    """Return this process as a holder of leases: host and number for people, chance for telling it apart."""
    return Holder(f"{socket.gethostname()}:{os.getpid()}", _identity())


@cache
def _identity() -> str:
    """Return what no other process has: two containers may share host name, number and even namespace number."""
    return orjson.dumps({"id": token_hex(8), **traces(os.getpid())}).decode()


os.register_at_fork(after_in_child=_identity.cache_clear)


def traces(number: int) -> dict[str, str]:
    """Return where a process of this machine can be looked for later; nothing where the system does not tell.

    A number is reused within hours, so the moment at which its process began belongs to it.
    """
    try:
        boot = (PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        namespace = str((PROC / "self/ns/pid").readlink())
        sees_itself = str((PROC / "self").readlink()) == str(os.getpid())  # else /proc is that of another namespace
        began = _began(number)
    except OSError:
        return {}
    return {"boot": boot, "namespace": namespace, "number": str(number), "began": began} if sees_itself else {}


def died(identity: str) -> bool:
    """Return whether the process with this identity ran on this machine and is no more; False where that is unknown."""
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
    except OSError:  # it is somebody else's, and its times may be hidden
        return True


def _began(number: int) -> str:
    """Return when a process began, in ticks since the boot: field 22, counted behind the name and its brackets."""
    return (PROC / str(number) / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[19]


def _read(identity: str) -> dict[str, str]:
    """Return what an identity says; nothing for one that an older leadgauge or a test wrote."""
    try:
        return dict(orjson.loads(identity))
    except (ValueError, TypeError):
        return {}
