"""Exclusion: recognise the people who must not be scored, before anything else about them is read."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from pipeline.compute import CHUNK, Ids, buckets
from pipeline.job import Job
from scoring.exclusion import excluded, fields_of
from store import Lease
from vocabulary.fields import FieldType
from vocabulary.pages import Page

NOTED: Final = "exclude"
"""The note in a run with the conditions that it applied."""


@dataclass
class Recognition:
    """Applies the conditions of a connection."""

    job: Job
    lease: Lease
    since: int = 0
    """Only leads that a change of this number, or a later one, marked are looked at."""
    _applied: bool = False

    @cached_property
    def digest(self) -> str:
        """A text that changes with the conditions; empty without any."""
        said = "".join(f"{name}={one.content}\n" for name, one in self.job.connection.exclude.items())
        return hashlib.blake2b(said.encode(), digest_size=8).hexdigest() if said else ""

    @cached_property
    def is_changed(self) -> bool:
        """Whether the last pass applied other conditions."""
        last = self.job.runs.last_with(NOTED)
        return self.digest != (last.counts[NOTED] if last else "")

    def lifts(self) -> bool:
        """Return whether leads that were left out must be read again, because the conditions changed."""
        return self.is_changed and bool(self.job.excluded.counts())

    def apply(self) -> int:
        """Leave out the leads that meet a condition, and let in those that no longer do; return how many left."""
        if not self.digest and not self.job.excluded.counts():
            return 0
        left = sum(self._apply(chunk) for chunk in self._chunks())
        self._applied = True
        return left

    def read_again(self) -> Iterator[Page]:
        """Yield the excluded leads whose accounts changed in what the conditions ask: they may be let in again."""
        due = self.job.excluded.due(self._fields)
        yield from self.job.connector.read_leads(due) if due else ()
        if due:
            self.job.excluded.settle(self.lease)

    def _chunks(self) -> Iterator[Ids]:
        """Yield the leads whose data changed; everyone, if the conditions did and were not applied yet."""
        if self.is_changed and not self._applied:
            yield from buckets(self.job)
            return
        named = (lead for active in self.job.scorecards for lead in active.outbox.dirty(since=self.since))
        dirty = list(dict.fromkeys(named))
        yield from (dirty[start : start + CHUNK] for start in range(0, len(dirty), CHUNK))

    def _apply(self, chunk: Ids) -> int:
        fields = self._fields
        leads = self.job.mirror.people(chunk, fields)
        out = excluded(leads, self.job.connection.exclude, fields, self.job.now())
        others = leads.join(out, on="lead", how="anti")["lead"]
        return self.job.excluded.set(out, others, self.lease)

    @property
    def _fields(self) -> dict[str, FieldType]:
        asked = {name for one in self.job.connection.exclude.values() for name, _ in fields_of(one)}
        return {name: type_ for name, type_ in self.job.fields.items() if name in asked}
