"""Brake: what the CRM's answers lack is looked into before it goes, and too much of it at once waits for a person."""

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

FEWEST: Final = 20
"""So many may always go: of a few, a share says nothing."""

AT_A_TIME: Final = 500
"""How many leads are asked for before it is judged whether to go on asking."""

ACCEPT: Final = (
    "They are kept, and everything else goes on. If they were really removed, run `leadgauge sync --accept`. If not,"
    " check what leadgauge's access to the CRM may see: once the CRM brings them again, this ends by itself."
)
KEPT_FOR: Final = f"{KEEP_VANISHED.days} days"


@dataclass
class Settled:
    """What became of what was missing."""

    vanished: int = 0
    erased: int = 0
    expired: int = 0
    holds: dict[Subject, str] = field(default_factory=dict)
    """Why leads, or activities, wait for a person."""
    remarks: list[str] = field(default_factory=list)

    def add(self, other: "Settled") -> None:
        """Take in what became of something else."""
        self.vanished, self.erased = self.vanished + other.vanished, self.erased + other.erased
        self.holds |= other.holds
        self.remarks += other.remarks

    def sentences(self, deleted: int, returned: int) -> Iterator[str]:
        """Say it, together with the leads that the CRM itself says it deleted and those that came back."""
        yield from self.remarks
        if left := self.vanished + deleted:
            yield (
                f"{_leads(left)} left the CRM: deleted, or outside the filter of the settings. Not scored or written"
                f" any more; the history is kept for {KEPT_FOR} in case of a return."
            )
        if returned:
            yield f"{_leads(returned)} came back to the CRM and found the history that was kept."
        if self.erased:
            yield f"{_leads(self.erased)} gone from the CRM and its recycle bin: erased, with all that was known."
        if self.expired:
            yield f"{_leads(self.expired)} that left the CRM over {KEPT_FOR} ago: erased, with all that was known."


@dataclass
class Brake:
    """Looks into what is missing from the answers of one connection's CRM."""

    job: Job
    lease: Lease
    accept: bool
    moved: Callable[[], None] = lambda: None
    """Called as it moves on."""
    settled: Settled = field(default_factory=Settled)

    @property
    def removals(self) -> Removals:
        """What is missing."""
        return self.job.removals

    def release(self) -> None:
        """Before anything is read, remove what a person let go, however much it is."""
        if self.accept:
            self.removals.accept()
        accepted = self.removals.suspects("accepted")
        if accepted.leads or len(accepted.activities):
            self._settle(accepted, self.job.now(), accept=True)

    def settle(self, as_of: datetime) -> None:
        """After everything was read, remove what is missing unless that is too much; erase who vanished long ago."""
        suspects = self.removals.suspects("new")
        whole = self._settle(suspects, as_of, accept=self.accept)
        if suspects.listed and whole is not None:
            self.removals.close(self.lease, whole=whole)
        self.settled.expired = self.removals.expire(as_of - KEEP_VANISHED, self.lease)
        self._tell_what_is_held()

    def _tell_what_is_held(self) -> None:
        """Note for `status` why something is held; what an earlier pass held is said again in its words."""
        held, told = self.removals.held(), self.removals.reasons()
        self.settled.holds = {
            subject: self.settled.holds.get(subject) or told.get(subject) or _held_earlier(subject, count)
            for subject, count in held.items()
        }
        if self.settled.holds != told:
            self.removals.tell(self.settled.holds, self.lease)

    def _settle(self, suspects: Suspects, at: datetime, *, accept: bool) -> bool | None:
        """Return whether the CRM's listing lacked nothing that it has, None where it could not be asked."""
        whole = self._leads(suspects, at, accept=accept)
        self._activities(suspects.activities, at, accept=accept)
        return whole

    def _leads(self, suspects: Suspects, at: datetime, *, accept: bool) -> bool | None:
        if not suspects.leads and not suspects.vanished:
            return True
        known = self.removals.leads()
        allowed = None if accept else self._allowed(known)
        try:
            found = self._ask(suspects.leads, suspects.controls, allowed)
            away = self._ask(suspects.vanished, suspects.controls)
        except (Interrupted, BudgetSpent):
            raise
        except ConnectorError as error:
            self.settled.remarks.append(_not_asked(suspects, error))
            return None
        judged = _Judged(suspects.leads, found, away, allowed)
        self.removals.settle(judged.verdict, at, self.lease)
        self.settled.add(judged.settled(known, self.job.connection.brake))
        return judged.is_whole

    def _ask(self, leads: Sequence[str], controls: Sequence[str], allowed: int | None = None) -> Mapping[str, Located]:
        """Ask for leads by id, until it is clear that the listing is not to be believed or that too many are gone."""
        found: dict[str, Located] = {}
        for start in range(0, len(leads), AT_A_TIME):
            found |= self.job.connector.locate(leads[start : start + AT_A_TIME], controls)
            self.moved()
            places = Counter(place.place for place in found.values())
            if allowed is not None and (places["here"] > FEWEST or places["gone"] > allowed):
                break
        return found

    def _allowed(self, known: int) -> int:
        """Return how many of so many may go at once."""
        return max(FEWEST, int(self.job.connection.brake * known))

    def _activities(self, lost: pl.DataFrame, at: datetime, *, accept: bool) -> None:
        if lost.is_empty():
            return
        held = {} if accept else self._too_many(lost)
        waits = lost.filter(pl.col("kind").is_in(list(held)))
        goes = lost.join(waits, on=["lead", "activity"], how="anti")
        self.removals.settle(Verdict(dropped=goes, held_activities=waits), at, self.lease)
        if held:
            self.settled.holds["activities"] = _too_many_activities(held, self.job.connection.brake)

    def _too_many(self, lost: pl.DataFrame) -> dict[str, tuple[int, int]]:
        """Return of which kinds too many would go: how many, of how many."""
        counts = {kind: count for kind, count in lost["kind"].drop_nulls().value_counts().iter_rows() if count > FEWEST}
        known = self.removals.activities() if counts else {}
        return {
            kind: (count, known[kind]) for kind, count in sorted(counts.items()) if count > self._allowed(known[kind])
        }


@dataclass(frozen=True)
class _Judged:
    """What becomes of missing leads, by where they are."""

    leads: Sequence[str]
    found: Mapping[str, Located]
    away: Mapping[str, Located]
    """Where those are who vanished before."""
    allowed: int | None

    @property
    def holds(self) -> bool:
        """Whether too many would go."""
        return self.allowed is not None and len(self._at("gone")) > self.allowed

    @property
    def is_whole(self) -> bool:
        """Whether the listing lacked nothing that the CRM has, as far as one knows."""
        return not (self._at("here") or self._not_asked or self.holds)

    @property
    def verdict(self) -> Verdict:
        """What the store is to do."""
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
        """Say what became of them, of so many leads in all."""
        settled = Settled(vanished=len(self._at("bin")) + len(self._at("outside")))
        settled.erased = len(self.verdict.gone)
        if self.holds:
            settled.holds["leads"] = self._too_many(known, share)
        if self._at("here"):
            settled.remarks.append(self._hole())
        return settled

    def _too_many(self, known: int, share: float) -> str:
        gone, more = len(self._at("gone")), len(self._not_asked)
        rest = f" ({more:,} more are missing and were not asked for)" if more else ""
        return (
            f"{gone:,} of {_leads(known)} ({gone / known:.0%}) are missing from the CRM's listing and are not found by"
            f" id either{rest}; `brake` allows {share:.0%}. {ACCEPT}"
        )

    def _hole(self) -> str:
        here, more = len(self._at("here")), 0 if self.holds else len(self._not_asked)
        rest = f" The other {more:,} that it left out are kept too." if more else ""
        return (
            f"The CRM's listing left out {_leads(here)} that the CRM has when asked by id: kept.{rest} Nothing needs to"
            " be done: the next full listing looks again."
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


def _leads(count: int) -> str:
    return "1 lead" if count == 1 else f"{count:,} leads"


def _held_earlier(subject: Subject, count: int) -> str:
    return f"{count:,} {subject} are missing from the CRM's answers. {ACCEPT}"


def _not_asked(suspects: Suspects, error: ConnectorError) -> str:
    count = len(suspects.leads) + len(suspects.vanished)
    return (
        f"{_leads(count)} missing from the CRM's listing could not be asked for by id and are kept; the next pass asks"
        f" again. {error}"
    )
