"""Brake: check leads that are missing from the CRM's answers before removing them; hold if there are too many."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import polars as pl

from connectors.base import BudgetSpent, ConnectorError, Interrupted, Located
from pipeline.job import Job
from store import Lease
from store.leads.suspicion import Subject
from store.mirror.removals import KEEP_VANISHED, Removals, Suspects, Verdict
from vocabulary.units import counted

FEWEST: Final = 20
"""This many may always be removed, since a share of so few means little."""

AT_A_TIME: Final = 500
"""How many leads are looked up before deciding whether to continue."""

ACCEPT: Final = (
    "They are kept, and everything else continues. If they were really removed, run `leadgauge sync --accept`. If not,"
    " check which records leadgauge may see in the CRM: once the CRM lists them again, the hold ends by itself."
)
KEPT_FOR: Final = f"{KEEP_VANISHED.days} days"


@dataclass
class Settled:
    """What became of the missing leads and activities."""

    vanished: int = 0
    erased: int = 0
    expired: int = 0
    holds: dict[Subject, str] = field(default_factory=dict)
    """Why the removal of leads or activities waits for a person."""
    remarks: list[str] = field(default_factory=list)

    def add(self, other: "Settled") -> None:
        """Add another result to this one."""
        self.vanished, self.erased = self.vanished + other.vanished, self.erased + other.erased
        self.holds |= other.holds
        self.remarks += other.remarks

    def sentences(self, deleted: int, returned: int) -> Iterator[str]:
        """Yield it as sentences, including leads that the CRM reported as deleted and leads that returned."""
        yield from self.remarks
        if left := self.vanished + deleted:
            yield (
                f"{_leads(left)} left the CRM: deleted, or outside the filter of the settings. They are no longer"
                f" scored or written; their history is kept for {KEPT_FOR} in case they return."
            )
        if returned:
            yield f"{_leads(returned)} returned to the CRM; their history was kept."
        if self.erased:
            yield f"{_leads(self.erased)} gone from the CRM and its recycle bin: erased with their history."
        if self.expired:
            yield f"{_leads(self.expired)} that left the CRM over {KEPT_FOR} ago: erased with their history."


@dataclass
class Brake:
    """Decides about leads and activities that are missing from the CRM's answers."""

    job: Job
    lease: Lease
    accept: bool
    moved: Callable[[], None] = lambda: None
    """Called after each step, as a sign of progress."""
    settled: Settled = field(default_factory=Settled)

    @property
    def removals(self) -> Removals:
        """The store's record of what is missing."""
        return self.job.removals

    def release(self) -> None:
        """Before the pull, remove what a person accepted, however much it is."""
        if self.accept:
            self.removals.accept()
        accepted = self.removals.suspects("accepted")
        if accepted.leads or len(accepted.activities):
            self._settle(accepted, self.job.now(), accept=True)

    def settle(self, as_of: datetime) -> None:
        """After the pull, remove what is missing unless it is too much, and erase leads that vanished long ago."""
        suspects = self.removals.suspects("new")
        whole = self._settle(suspects, as_of, accept=self.accept)
        if suspects.listed and whole is not None:
            self.removals.close(self.lease, as_of, whole=whole)
        self.settled.expired = self.removals.expire(as_of - KEEP_VANISHED, self.lease)
        self._note_holds()

    def _note_holds(self) -> None:
        """Save why something is held, for `status`; keep the reason of an earlier pass if it still holds."""
        held, noted = self.removals.held(), self.removals.reasons()
        self.settled.holds = {
            subject: self.settled.holds.get(subject) or noted.get(subject) or _held_earlier(subject, count)
            for subject, count in held.items()
        }
        if self.settled.holds != noted:
            self.removals.note(self.settled.holds, self.lease)

    def _settle(self, suspects: Suspects, at: datetime, *, accept: bool) -> bool | None:
        """Return whether the CRM's listing was complete; None if the CRM could not be asked."""
        whole = self._leads(suspects, at, accept=accept)
        self._activities(suspects.activities, at, accept=accept)
        return whole

    def _leads(self, suspects: Suspects, at: datetime, *, accept: bool) -> bool | None:
        if not suspects.leads and not suspects.vanished:
            return True
        known, waiting = self.removals.leads(), self.removals.held().get("leads", 0)
        allowed = None if accept else self._allowed(known, waiting)
        try:
            found = self._ask(suspects.leads, suspects.controls, allowed)
            away = self._ask(suspects.vanished, suspects.controls)
        except (Interrupted, BudgetSpent):
            raise
        except ConnectorError as error:
            self.settled.remarks.append(_not_asked(suspects, error))
            return None
        judged = _Judged(suspects.leads, found, away, allowed, waiting)
        self.removals.settle(judged.verdict, at, self.lease)
        self.settled.add(judged.settled(known, self.job.connection.brake))
        return judged.is_whole

    def _ask(self, leads: Sequence[str], controls: Sequence[str], allowed: int | None = None) -> Mapping[str, Located]:
        """Look up leads by id, until it is clear that the listing is incomplete or that too many are gone."""
        found: dict[str, Located] = {}
        for start in range(0, len(leads), AT_A_TIME):
            found |= self.job.connector.locate(leads[start : start + AT_A_TIME], controls)
            self.moved()
            places = Counter(place.place for place in found.values())
            if allowed is not None and (places["here"] > FEWEST or places["gone"] > allowed):
                break
        return found

    def _allowed(self, known: int, waiting: int) -> int:
        """Return how many more of `known` may be removed; those that are held already count too."""
        return max(0, max(FEWEST, int(self.job.connection.brake * known)) - waiting)

    def _activities(self, lost: pl.DataFrame, at: datetime, *, accept: bool) -> None:
        """Remove missing activities unless there are too many; those of a missing lead stay as long as it does."""
        if lost.is_empty():
            return
        lost = lost.filter(~pl.col("lead").is_in(self.removals.missing_leads()))
        held = {} if accept else self._too_many(lost)
        waits = lost.filter(pl.col("kind").is_in(list(held)))
        goes = lost.join(waits, on=["lead", "activity"], how="anti")
        self.removals.settle(Verdict(dropped=goes, held_activities=waits), at, self.lease)
        if held:
            self.settled.holds["activities"] = _too_many_activities(held, self.job.connection.brake)

    def _too_many(self, lost: pl.DataFrame) -> dict[str, tuple[int, int]]:
        """Return the kinds of which too many would be removed: how many with those that are held, of how many."""
        waiting = _by_kind(self.removals.suspects("held").activities)
        counts = {kind: (count, count + waiting.get(kind, 0)) for kind, count in _by_kind(lost).items()}
        many = {kind: both for kind, both in counts.items() if both[1] > FEWEST}
        known = self.removals.activities() if many else {}
        return {
            kind: (total, known[kind])
            for kind, (count, total) in sorted(many.items())
            if count > self._allowed(known[kind], total - count)
        }


@dataclass(frozen=True)
class _Judged:
    """Decides what becomes of missing leads, by where they were found."""

    leads: Sequence[str]
    found: Mapping[str, Located]
    away: Mapping[str, Located]
    """Where leads are that vanished earlier."""
    allowed: int | None
    waiting: int
    """How many leads are held already."""

    @property
    def holds(self) -> bool:
        """Whether too many would be removed."""
        return self.allowed is not None and len(self._at("gone")) > self.allowed

    @property
    def is_whole(self) -> bool:
        """Whether the listing was complete, as far as is known."""
        return not (self._at("here") or self._not_asked or self.holds)

    @property
    def verdict(self) -> Verdict:
        """What the store must do."""
        survivors = {lead: place.survivor for lead, place in {**self.found, **self.away}.items()}
        return Verdict(
            gone=[*([] if self.holds else self._at("gone")), *self._purged],
            in_bin=self._at("bin"),
            outside=self._at("outside"),
            merged={lead: survivor for lead, survivor in survivors.items() if survivor is not None},
            kept=[*self._at("here"), *([] if self.holds else self._not_asked)],
            held=[*self._at("gone"), *self._not_asked] if self.holds else [],
        )

    def settled(self, known: int, share: float) -> Settled:
        """Return the result, given the number of leads in the mirror and the share that may be removed."""
        settled = Settled(vanished=len(self._at("bin")) + len(self._at("outside")))
        settled.erased = len(self.verdict.gone)
        if self.holds:
            settled.holds["leads"] = self._too_many(known, share)
        if self._at("here"):
            settled.remarks.append(self._hole())
        return settled

    def _too_many(self, known: int, share: float) -> str:
        gone, more = len(self._at("gone")) + self.waiting, len(self._not_asked)
        rest = f" ({more:,} more are missing and were not looked up)" if more else ""
        return (
            f"{gone:,} of {_leads(known)} ({gone / known:.0%}) are missing from the CRM's listing and cannot be found"
            f" by id either{rest}; `brake` allows {share:.0%}. {ACCEPT}"
        )

    def _hole(self) -> str:
        here, more = len(self._at("here")), 0 if self.holds else len(self._not_asked)
        rest = f" The other {more:,} missing ones are kept too." if more else ""
        return (
            f"The CRM's listing left out {_leads(here)} that can be found by id: kept.{rest} There is"
            " nothing to do: the next full listing checks again."
        )

    @property
    def _purged(self) -> list[str]:
        return [lead for lead, place in self.away.items() if place.place == "gone"]

    @property
    def _not_asked(self) -> list[str]:
        return [lead for lead in self.leads if lead not in self.found]

    def _at(self, place: str) -> list[str]:
        return [lead for lead, found in self.found.items() if found.place == place]


def _too_many_activities(held: Mapping[str, tuple[int, int]], share: float) -> str:
    kinds = ", ".join(f"{count:,} of {known:,} of the kind {kind}" for kind, (count, known) in held.items())
    return f"Activities are missing from the CRM's answers: {kinds}; `brake` allows {share:.0%}. {ACCEPT}"


def _by_kind(rows: pl.DataFrame) -> dict[str, int]:
    return dict(rows["kind"].drop_nulls().value_counts().iter_rows())


def _leads(count: int) -> str:
    return counted(count, "leads")


def _held_earlier(subject: Subject, count: int) -> str:
    return f"{count:,} {subject} are missing from the CRM's answers. {ACCEPT}"


def _not_asked(suspects: Suspects, error: ConnectorError) -> str:
    count = len(suspects.leads) + len(suspects.vanished)
    return (
        f"{_leads(count)} missing from the CRM's listing could not be looked up by id and are kept; the next pass tries"
        f" again. {error}"
    )
