"""Entrants: leads that the CRM had before the mirror did. What they did until then is read by lead."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pipeline.job import Job
from pipeline.pull import batches
from store import Lease
from store.leads.entering import LISTING
from vocabulary.pages import Page, Stream

LATE: Final = timedelta(hours=1)
"""How late a CRM may show a new lead. One that is younger than this is no entrant: what it did waits for it."""

AT_A_TIME: Final = 200
"""How many leads are read before they are recorded as read; after a crash, these are read again."""


def filled(job: Job) -> datetime | None:
    """Return since when the mirror has been up to date: new leads that were created before it are entrants.

    None if no pass has read every stream yet, so that the streams bring what every lead did.
    """
    last = job.runs.last_with("as_of")
    return datetime.fromisoformat(last.counts["as_of"]) - LATE if last else None


@dataclass(frozen=True, slots=True)
class Entering:
    """Reads what entrants did before they entered."""

    job: Job
    lease: Lease
    save: Callable[[Sequence[Page]], None]
    parallel: int

    def read(self, passed: Collection[Stream], *, lists: bool) -> None:
        """Read entrants in these streams, which had passed what they did. Many entrants list a stream again.

        `lists`: also list the streams that cannot be asked by lead, if there were entrants since the last time.
        """
        count, rest = self.job.entrants.count(), self.job.entrants.count(LISTING)
        again = [stream for stream in passed if count and self.job.sources.lists_instead(stream, count)]
        if lists and (count or rest):
            again += [stream for stream in passed if not stream.by_lead and stream not in again]
        if again:
            self.job.mirror.reset([stream.name for stream in again], self.lease)
        if count:
            self._by_lead([stream for stream in passed if stream not in again])
        if again:
            for pages in batches(self.job.sources, dict.fromkeys(again), self.parallel):
                self.save(pages)
        if lists and rest:
            self.job.entrants.clear(self.lease, LISTING)

    def _by_lead(self, streams: Sequence[Stream]) -> None:
        unlisted = not all(stream.by_lead for stream in streams)
        while leads := self.job.entrants.waiting(AT_A_TIME):
            for stream in streams:
                for page in self.job.sources.pull_for(stream, leads):
                    self.save([page])
            self.job.entrants.read(leads, self.lease, unlisted=unlisted)
