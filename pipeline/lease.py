"""Holding a connection's lease during work."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from typing import Final

from pipeline.job import Job
from pipeline.process import died, me
from store import Holder, Lease, LeaseHeld, LeaseLost, Store, StoreError

TTL: Final = timedelta(seconds=90)
"""How long a dead process can block its connection."""

logger: Final = logging.getLogger(__name__)


@contextmanager
def leased(job: Job, purpose: str, holder: Holder | str | None = None, ttl: timedelta = TTL) -> Iterator[Lease]:
    """Hold the lease of the job's connection, renewing it in the background; raise `LeaseHeld`."""
    with leased_by_name(job.store, job.name, purpose, holder, ttl) as lease:
        yield lease


@contextmanager
def leased_by_name(
    store: Store, name: str, purpose: str, holder: Holder | str | None = None, ttl: timedelta = TTL
) -> Iterator[Lease]:
    """Hold the lease of a connection by name; it need not be in the settings."""
    lease = _taken(store, name, purpose, holder or me(), ttl)
    done = Event()
    keeper = Thread(target=_keep, args=(lease, ttl, done), name="lease", daemon=True)
    keeper.start()
    try:
        yield lease
    finally:
        done.set()
        keeper.join()
        lease.release()


def _taken(store: Store, name: str, purpose: str, holder: Holder | str, ttl: timedelta) -> Lease:
    """Take the lease, without waiting for it to expire if its holder was a process on this machine that has died."""
    try:
        return store.lease(name, holder=holder, ttl=ttl, purpose=purpose)
    except LeaseHeld as held:
        if not died(held.process):
            raise
        logger.info("%s: %s died during %s; taking over its work", name, held.holder, held.purpose)
        return store.lease(name, holder=holder, ttl=ttl, purpose=purpose, dead=held.process)


def _keep(lease: Lease, ttl: timedelta, done: Event) -> None:
    """Renew the lease until done. If it is lost, stop: the fence makes the next write of the pass fail.

    Every write renews the lease too, so this only matters while the pass is not writing.
    """
    while not done.wait(ttl.total_seconds() / 3):
        if lease.left > ttl / 2:
            continue
        try:
            lease.renew(ttl)
        except LeaseLost:
            return
        except StoreError as error:
            logger.warning("%s: the lease was not renewed: %s", lease.connection, error)
