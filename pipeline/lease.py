"""Holding a connection's lease while work goes on."""

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
"""How long a process that died keeps others from its connection."""

logger: Final = logging.getLogger(__name__)


@contextmanager
def leased(job: Job, purpose: str, holder: Holder | str | None = None, ttl: timedelta = TTL) -> Iterator[Lease]:
    """Hold the lease of the job's connection, renewing it in the background; raises `LeaseHeld`."""
    with leased_by_name(job.store, job.name, purpose, holder, ttl) as lease:
        yield lease


@contextmanager
def leased_by_name(
    store: Store, name: str, purpose: str, holder: Holder | str | None = None, ttl: timedelta = TTL
) -> Iterator[Lease]:
    """Hold the lease of a connection that the settings may not have any more."""
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
    """Take the lease, at once where the process that holds it has died on this machine."""
    try:
        return store.lease(name, holder=holder, ttl=ttl, purpose=purpose)
    except LeaseHeld as held:
        if not died(held.process):
            raise
        logger.info("%s: %s died during %s; its work is taken over", name, held.holder, held.purpose)
        return store.lease(name, holder=holder, ttl=ttl, purpose=purpose, dead=held.process)


def _keep(lease: Lease, ttl: timedelta, done: Event) -> None:
    """Renew until done; a lost lease ends the keeping, and the next write of the pass finds out by its fence.

    Every write renews the lease too, so there is nothing to do while the pass is writing.
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
