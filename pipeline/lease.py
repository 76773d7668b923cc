"""Holding a connection's lease while work goes on."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from typing import Final

from pipeline.job import Job
from store import Lease, LeaseLost, StoreError

TTL: Final = timedelta(seconds=90)
"""How long a process that died keeps others from its connection."""

logger: Final = logging.getLogger(__name__)


@contextmanager
def leased(job: Job, holder: str, purpose: str, ttl: timedelta = TTL) -> Iterator[Lease]:
    """Hold the lease of the job's connection, renewing it in the background; raises `LeaseHeld`."""
    lease = job.store.lease(job.name, holder=holder, ttl=ttl, purpose=purpose)
    done = Event()
    keeper = Thread(target=_keep, args=(lease, ttl, done), name="lease", daemon=True)
    keeper.start()
    try:
        yield lease
    finally:
        done.set()
        keeper.join()
        lease.release()


def _keep(lease: Lease, ttl: timedelta, done: Event) -> None:
    """Renew until done; a lost lease ends the keeping, and the next write of the pass finds out by its fence."""
    while not done.wait(ttl.total_seconds() / 3):
        try:
            lease.renew(ttl)
        except LeaseLost:
            return
        except StoreError as error:
            logger.warning("%s: the lease was not renewed: %s", lease.connection, error)
