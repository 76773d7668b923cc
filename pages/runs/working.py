"""Work that people ask for on a page: the daemon that has the connection does it, else a thread of this process.

Both take it from the store, where the same is never asked for twice at a time; what a process leaves behind, the next
one does.
"""

import logging
from collections.abc import Mapping
from dataclasses import asdict
from threading import Lock, Thread
from typing import Any, Final

from config.secrets import missing_secrets
from connectors.base import Interrupted
from pages.site import Site
from pipeline.daemon.requests import fulfilled
from pipeline.handing import DAEMON
from pipeline.job import Job
from pipeline.lease import leased_by_name
from pipeline.passes import Pass, PassOptions, Report
from pipeline.supervision import Cut, GivenUp, supervised
from store import Answer, Lease, LeaseHeld, LeaseLost, Request, StoreError

PAUSE: Final = 1.0
"""Seconds between two attempts to get a connection that a command has."""
PATIENCE: Final = 5.0
"""Seconds that work may take to end when the pages are no longer served."""
PURPOSE: Final = "pages"

logger: Final = logging.getLogger(__name__)


class Workers:
    """The threads of this process that do what was asked for, at most one per connection."""

    def __init__(self, site: Site) -> None:
        self._site, self._lock = site, Lock()
        self._threads: dict[str, Thread] = {}
        site.at_close.append(self._close)

    def ask(self, name: str, kind: str, options: Mapping[str, Any], by: str) -> int:
        """Ask for work, unless the same is open already, and see that it is begun; return its number."""
        number = self._site.store.requests(name).ask_once(kind, options, by)
        self.look_after(name)
        return number

    def ask_for_a_pass(self, name: str, by: str) -> int:
        """Ask for a pass that reads, scores and writes what waits."""
        return self.ask(name, "sync", asdict(PassOptions()), by)

    def look_after(self, name: str) -> None:
        """Do what waits for somebody, if no other process has the connection and this one has its secrets."""
        if self.hindrance(name) or not self._site.store.requests(name).waiting():
            return
        with self._lock:
            thread = self._threads.get(name)
            if not self._site.stop.is_set() and (thread is None or not thread.is_alive()):
                self._threads[name] = Thread(target=self._work, args=(name,), name=f"{PURPOSE} {name}", daemon=True)
                self._threads[name].start()

    def hindrance(self, name: str) -> str:
        """Return why this process cannot do work on a connection; empty if it can, or if a daemon does it."""
        holder = self._site.store.holder(name)
        if holder is not None and holder.purpose == DAEMON:
            return ""
        missing = list(missing_secrets(self._site.current.settings.connections[name]))
        return missing[0].message if missing else ""

    def _close(self) -> None:
        for thread in list(self._threads.values()):
            thread.join(PATIENCE)

    def _work(self, name: str) -> None:
        requests = self._site.store.requests(name)
        try:
            while not self._site.stop.is_set() and requests.waiting():
                holder = self._site.store.holder(name)
                if holder is not None and holder.purpose == DAEMON:
                    return
                self._try(name)
        except StoreError as error:
            logger.warning("%s: what was asked for on the pages waits: %s", name, error)

    def _try(self, name: str) -> None:
        try:
            with leased_by_name(self._site.store, name, PURPOSE) as lease:
                self._serve(name, lease)
        except LeaseHeld:
            self._site.stop.wait(PAUSE)
        except (LeaseLost, Interrupted, Cut) as error:
            logger.info("%s: what was asked for on the pages was left; the next process does it: %s", name, error)

    def _serve(self, name: str, lease: Lease) -> None:
        settings, requests = self._site.current.settings, self._site.store.requests(name)
        job = Job(name, settings.connections[name], self._site.store, self._site.stop)
        try:
            while not self._site.stop.is_set() and (request := requests.take(lease)):
                logger.info("%s: %s asked for %s on the pages", name, request.asked_by, request.kind)
                requests.answer(request.number, self._answer(job, lease, request), lease.fence)
        finally:
            job.close()

    def _answer(self, job: Job, lease: Lease, request: Request) -> Answer:
        limit = self._site.current.settings.daemon.stuck_after

        def run_pass(work: Pass) -> Report:
            return supervised(work, lambda: limit)

        try:
            return fulfilled(job, lease, request, run_pass)
        except (Interrupted, Cut, LeaseLost):
            raise
        except GivenUp as error:
            return Answer({}, str(error), error.exit_code)
        except Exception as error:
            logger.exception("%s: %s failed", job.name, request.kind)
            return Answer({}, str(error), getattr(error, "exit_code", 1))
