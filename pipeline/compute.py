"""Compute: score the leads and accounts of the mirror, chunk by chunk."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal, Protocol, Self

import polars as pl

from pipeline.job import ActiveScorecard, Job
from scoring import Related, Scored
from scoring.outlook import NUMBERS, Told
from scoring.results import DETAILS
from store import Frames, Mirror, Tolerances
from store.mirror.cohorts import whole
from vocabulary.outputs import BY_NAME, Of

CHUNK: Final = 50_000
"""How many leads are scored at a time: enough to be fast, few enough to fit in memory."""

Whom = Literal["changed", "due", "everyone"]
"""Who is scored: those that changed, with `due` also those about whom time alone may change what is written, or all."""


class Reads(Protocol):
    """What has a mirror to read from: a job, or a worker that scores for one."""

    @property
    def mirror(self) -> Mirror:
        """The copy of the CRM's leads and activities."""


Ids = range | Sequence[str]
"""A range of buckets, or ids."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Leads that are scored together: those in some buckets, or some named ones with all of their accounts."""

    leads: Ids
    accounts: Sequence[str] | None = None
    """Accounts with all of their leads; None where accounts need not be whole."""

    @property
    def is_empty(self) -> bool:
        """Whether nobody is in it."""
        return not self.leads and not self.accounts

    def of(self, of: Of) -> Ids:
        """Return the leads or the accounts."""
        return self.leads if of == "leads" else self.accounts or ()


def buckets(job: Reads, most: int = CHUNK) -> Iterator[range]:
    """Yield ranges of buckets that together hold all leads, with about `most` leads each."""
    start, held = 0, 0
    for bucket, leads in enumerate(job.mirror.bucket_counts()):
        if held and held + leads > most:
            yield range(start, bucket)
            start, held = bucket, 0
        held += leads
    if held:
        yield range(start, len(job.mirror.buckets))


@dataclass(frozen=True, slots=True)
class Part:
    """One of the parts into which those who are scored are divided; of most, who is in it is still to be read."""

    kind: Literal["buckets", "accounts", "gone", "alone", "named"]
    buckets: range = range(0)
    """For `buckets` and `alone`: all leads in them, or those without an account."""
    accounts: Sequence[str] = ()
    """For `accounts` and `gone`: those with all of their leads, or those that left the mirror."""
    leads: Sequence[str] = ()
    """For `named`: these."""

    def chunk(self, mirror: Mirror) -> Chunk:
        """Return who is in it."""
        match self.kind:
            case "buckets":
                return Chunk(self.buckets)
            case "accounts":
                return Chunk(mirror.leads_of(self.accounts), self.accounts)
            case "gone":
                return Chunk([], self.accounts)
            case "alone":
                return Chunk(mirror.without_account(self.buckets), ())
            case "named":
                return Chunk(self.leads)

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        buckets = [self.buckets.start, self.buckets.stop]
        return {"kind": self.kind, "buckets": buckets, "accounts": [*self.accounts], "leads": [*self.leads]}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """Return it from its JSON."""
        return cls(told["kind"], range(*told["buckets"]), told["accounts"], told["leads"])


def divided(job: Job, active: ActiveScorecard, most: int = CHUNK) -> Iterator[Part]:
    """Yield parts that together hold all leads, and all accounts if the scorecard needs them whole."""
    if not active.scorer.cohorts:
        yield from (Part("buckets", some) for some in buckets(job, most))
        return
    sizes = job.mirror.account_sizes()
    yield from (Part("accounts", accounts=accounts) for accounts in whole(sizes, most))
    if active.accounts is not None and (gone := _gone(active.accounts.outbox.dirty(), sizes)):
        yield Part("gone", accounts=gone)
    yield from (Part("alone", some) for some in buckets(job, most))


def due_parts(job: Job, active: ActiveScorecard, at: datetime, most: int = CHUNK) -> Iterator[Part]:
    """Yield parts of those who changed, or about whom time alone may have changed what is written.

    Where results rest on whole accounts these are all, since the figures of an account move with those of its leads.
    """
    if active.scorer.cohorts:
        yield from divided(job, active, most)
        return
    due = sorted({*active.outbox.dirty(), *active.outbox.due(at)})
    yield from (Part("named", leads=some) for some in _split(due, most))


def everyone(job: Job, active: ActiveScorecard) -> Iterator[Chunk]:
    """Yield chunks that together hold all leads, and all accounts if the scorecard needs them whole."""
    return _chunks(job, divided(job, active))


def due_chunks(job: Job, active: ActiveScorecard, at: datetime) -> Iterator[Chunk]:
    """Yield chunks of those whom `due_parts` names."""
    return _chunks(job, due_parts(job, active, at))


def _chunks(job: Job, parts: Iterable[Part]) -> Iterator[Chunk]:
    return (chunk for part in parts if not (chunk := part.chunk(job.mirror)).is_empty)


def dirty_chunks(job: Job, active: ActiveScorecard, since: int = 0) -> Iterator[Chunk]:
    """Yield who changed since this scorecard last saw them: leads, or accounts with all of their leads.

    `since`: only those that a change of this number, or a later one, marked.
    """
    yield from _chunks_of(job, active, active.outbox.dirty(since=since), since)


def _chunks_of(job: Job, active: ActiveScorecard, dirty: list[str], since: int = 0) -> Iterator[Chunk]:
    """Yield chunks of some leads; with the accounts that changed, these and those of the leads are whole."""
    if active.accounts is None:
        yield from (Chunk(some) for some in _split(dirty))
        return
    theirs, alone = job.mirror.by_account(dirty)
    changed = {*theirs, *active.accounts.outbox.dirty(since=since)}
    if changed:
        sizes = job.mirror.account_sizes()
        for accounts in whole(sizes.filter(pl.col("account").is_in(list(changed))), CHUNK):
            yield Chunk(job.mirror.leads_of(accounts), accounts)
        if gone := _gone(changed, sizes):
            yield Chunk([], gone)
    yield from (Chunk(some, ()) for some in _split(alone))


def _gone(changed: Iterable[str], sizes: pl.DataFrame) -> list[str]:
    """Return accounts that changed and then left the mirror: staging them takes their marks away.

    An account is marked when its last lead leaves it, or turns out to belong to another.
    """
    return sorted({*changed} - {*sizes["account"]})


def _split(ids: Sequence[str], most: int = CHUNK) -> Iterator[Sequence[str]]:
    return (ids[start : start + most] for start in range(0, len(ids), most))


@dataclass(frozen=True, slots=True)
class Found:
    """The results of leads, or of accounts, and those of them that began anew since the last time."""

    results: pl.DataFrame
    anew: Sequence[str]
    beside: Sequence[str] = ()
    """Leads that read figures of an account that has changed since the last time, by them or by others."""
    due: pl.DataFrame | None = None
    """When time alone can change what is written (`DUE`), if that was asked."""


@dataclass(frozen=True, slots=True)
class Computed:
    """The results of a chunk by whose they are, and what they were computed from."""

    parts: Sequence[tuple[ActiveScorecard, Found]]
    frames: Frames

    def fields(self, of: Of) -> pl.DataFrame:
        """Return the fields of the leads, or of the accounts, by `lead`."""
        if of == "leads" or self.frames.accounts is None:
            return self.frames.leads
        return self.frames.accounts.rename({"account": "lead"})

    def part(self, of: Of) -> Found:
        """Return the results of the leads, or of the accounts."""
        return next(part for box, part in self.parts if box.of == of)


def around(job: Job, active: ActiveScorecard, id_: str, of: Of = "leads") -> Chunk:
    """Return the chunk in which one lead, or one account, is scored."""
    if not active.scorer.cohorts:
        return Chunk([id_])
    accounts, alone = ([id_], []) if of == "accounts" else job.mirror.by_account([id_])
    return Chunk([*job.mirror.leads_of(accounts), *alone], accounts)


def with_accounts(job: Job, active: ActiveScorecard, leads: Sequence[str]) -> Chunk:
    """Return the chunk in which some leads are scored, with all leads of their accounts where these must be whole."""
    if not active.scorer.cohorts:
        return Chunk(leads)
    accounts, alone = job.mirror.by_account(list(leads))
    return Chunk([*job.mirror.leads_of(accounts), *alone], accounts)


def scored(
    job: Reads, active: ActiveScorecard, chunk: Chunk, as_of: datetime, *, own: bool, told_by: Tolerances | None = None
) -> Computed:
    """Score a chunk. `own`: whether what changed since the last scoring is what the leads did.

    `told_by`: how far numbers may differ from what was written; with it, find out when time alone can change that.
    """
    given = gathered(job, active, chunk)
    frames, touchpoints = given.frames, active.touchpoints.known(given.frames.touchpoints)
    previous, related = _owned(given.previous, own), given.related
    if related.previous is not None:
        related = replace(related, previous=_owned(related.previous, own))
    told = None if told_by is None else last_told(active, chunk.leads, told_by)
    found = active.scorer.score(frames.leads, frames.activities, touchpoints, as_of, previous, related, told)
    due = None if told is None else found.due
    parts = [(active, replace(_found(found), beside=_beside(active, given), due=due))]
    if found.accounts is not None and active.accounts is not None:
        parts.append((active.accounts, _found(found.accounts)))
    return Computed(parts, frames)


def last_told(active: ActiveScorecard, leads: Ids, allowed: Tolerances) -> Told:
    """Return what was last written of these leads, and by how much each number has to differ to be written again."""
    names = [name for name in NUMBERS if name in active.outbox.written]
    least = allowed.least
    return Told(active.outbox.told(leads, names).drop("told_at"), {name: least[BY_NAME[name].unit] for name in names})


def _beside(active: ActiveScorecard, given: "Material") -> Sequence[str]:
    """Return the leads whose account changed since the last scoring, where their card reads figures of it."""
    if given.related.previous is None or not active.scorer.borrowed:
        return ()
    changed = given.related.previous.filter("own")["lead"]
    found = given.frames.leads.filter(pl.col("account").is_in(changed.to_list()))["lead"]
    return found.to_list()


def _owned(previous: pl.DataFrame, own: bool) -> pl.DataFrame:  # noqa: FBT001 - what it is owned by
    return previous.with_columns(pl.col("own") & own)


@dataclass(frozen=True, slots=True)
class Material:
    """What a chunk is scored from."""

    frames: Frames
    previous: pl.DataFrame
    """What was computed last for the leads."""
    related: Related


def gathered(job: Reads, active: ActiveScorecard, chunk: Chunk, known_at: datetime | None = None) -> Material:
    """Return what a chunk is scored from; `known_at`: with the marks of machine traffic that held then."""
    card, firms = active.card, active.accounts
    of_accounts = None if card.accounts is None else card.accounts.fields
    frames = job.mirror.frames(chunk.leads, card.fields, card.deals, of_accounts, chunk.accounts, known_at=known_at)
    before = None if firms is None else firms.outbox.previous(chunk.of("accounts"))
    related = Related(frames.deals, frames.accounts, before, assigned=True)
    return Material(frames, active.outbox.previous(chunk.leads), related)


def _found(found: Scored) -> Found:
    return Found(found.results.drop(*DETAILS), found.anew)
