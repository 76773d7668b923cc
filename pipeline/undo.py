"""Undo: write back what the fields held before a run, unless someone else has changed them since."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pipeline.equality import same
from pipeline.job import ActiveScorecard, Job
from pipeline.push import ROWS
from store import Lease, Write
from vocabulary.writes import Pushed, Row, Value


class NothingToUndo(Exception):  # noqa: N818 - named for the problem
    """The run does not exist, or none of its writes are still recorded."""

    exit_code = 2


@dataclass
class Undone:
    """The result of an undo, in leads and accounts. Each may count in several."""

    restored: int = 0
    refused: int = 0
    kept: int = 0
    """Someone else has changed a field since, so it is left alone."""
    later: int = 0
    """Later runs wrote the same fields; those writes were undone too."""
    already: int = 0
    """All fields already hold their values from before the run."""
    gone: int = 0
    """The lead is no longer in the CRM: deleted, or merged into another."""
    outside: int = 0
    """The lead has left the filter since, so its fields are no longer kept up to date; see `emptied`."""
    emptied: int = 0
    """The run emptied the fields, because the lead is excluded or left the filter; they stay empty."""
    unknown: int = 0
    """The previous value of a field was never read, so it is left alone, or emptied with `--empty`."""
    calls: int = 0
    """The calls to the CRM that it took."""
    things: str = "leads"
    """What was written: leads, accounts, or both."""

    def sentences(self, run: int) -> Iterator[str]:
        """Yield it as sentences."""
        if self.later:
            yield f"{self.later:,} {self.things} were written again by later runs; that was undone too."
        if self.kept:
            yield f"{self.kept:,} {self.things} have a field that someone else has changed since; it was left alone."
        if self.already:
            yield f"{self.already:,} {self.things} already hold their previous values."
        if self.gone:
            yield f"{self.gone:,} {self.things} are no longer in the CRM: they were deleted, or merged into others."
        if self.outside:
            yield (
                f"{self.outside:,} leads have left the filter of the settings since; their fields were left as"
                " `write.outside` says."
            )
        if self.emptied:
            yield _emptied(self.emptied)
        if self.unknown:
            yield (
                f"{self.unknown:,} {self.things} have a field whose previous value is unknown; it was left alone. "
                f"`leadgauge undo {run} --empty` empties it."
            )


def _emptied(leads: int) -> str:
    return (
        f"{leads:,} leads had their fields emptied or marked, because they are excluded or left the filter; that is not"
        " undone. Change `exclude` or the filter in the settings: the next pass scores and writes whoever it lets in."
    )


def _emptied_by(job: Job, run: int) -> int:
    known = job.runs.get(run)
    return int(known.counts.get("emptied", 0)) if known and known.kind != "undo" else 0


@dataclass(frozen=True, slots=True)
class Reversal:
    """What to write back to one lead, and what its fields hold afterwards."""

    row: Row
    is_first: bool
    """Whether this undoes everything ever written to the lead."""
    holds: Mapping[str, Value] = field(default_factory=dict)


def undo(job: Job, run: int, lease: Lease, *, empty: bool = False, by: str = "") -> Undone:
    """Write back what the fields held before a run, and hold the outbox so that the next pass does not write again.

    The hold ends with a different scorecard or `--accept`. Undoing an undo releases its hold.
    `empty`: empty the fields whose previous value is unknown. `by`: the person who asked for it, kept with the run.
    """
    writes = {box.key: box.outbox.writes_of(run) for box in job.boxes}
    undone = Undone(emptied=_emptied_by(job, run))
    if not any(writes.values()):
        why = _emptied(undone.emptied) if undone.emptied else "`leadgauge status` lists the runs."
        raise NothingToUndo(f"{job.name}: run {run} wrote nothing that can be undone. {why}")
    wrote = [box for box in job.boxes if writes[box.key]]
    undone.things = " and ".join(dict.fromkeys(box.of for box in wrote))
    number, called = job.runs.start("undo", lease), job.connector.budget().calls
    with job.permit.under(lease):
        for box in wrote:
            _Undo(job, box, run, number, lease, undone, empty).restore(writes[box.key])
    undone.calls = job.connector.budget().calls - called
    mark = {} if _is_redo(job, run) else {"undone": {box.key: box.label for box in wrote}}
    state: Literal["refused", "done"] = "refused" if undone.refused else "done"
    asked = {"asked_by": by} if by else {}
    message = " ".join([f"Run {run} was undone.", *undone.sentences(run)])
    job.runs.finish(number, state, {"of": run, **vars(undone), **mark, **asked}, lease, message)
    return undone


def _is_redo(job: Job, run: int) -> bool:
    """Return whether a run is an undo itself, which held the outboxes."""
    undone = job.runs.get(run)
    return undone is not None and "undone" in undone.counts


def undo_one(job: Job, options: Mapping[str, Any], lease: Lease) -> Mapping[str, Any]:
    """Undo a run as a request names it (`run`, `empty`, perhaps `by`), and return the counts of `Undone`."""
    return vars(undo(job, options["run"], lease, empty=options["empty"], by=options.get("by", "")))


@dataclass(frozen=True, slots=True)
class _Undo:
    """The undo of a run for the leads, or the accounts, of one scorecard."""

    job: Job
    active: ActiveScorecard
    run: int
    number: int
    """The number of the undo's own run."""
    lease: Lease
    undone: Undone
    empty: bool

    def restore(self, writes: Sequence[Write]) -> None:
        aside = self.active.outbox.written_aside(self.run)
        self.undone.outside += aside.get("outside", 0)
        self.undone.gone += aside.get("deleted", 0)
        self._hold(is_first=any("first" in write.causes for write in writes))
        for start in range(0, len(writes), ROWS):
            self._write(list(self._reversals(writes[start : start + ROWS])))

    def _hold(self, *, is_first: bool) -> None:
        """Hold the outbox so that the values are not written again; undoing an undo releases it instead.

        Once leads count as never written, the next write to them is a first write again, and asked for.
        """
        if _is_redo(self.job, self.run):
            self.active.outbox.accept(self.run)
            return
        reason = f"Run {self.run} was undone. Change the scorecard, or release its writes with `--accept`."
        self.active.outbox.hold(self.number, reason, self.lease)
        if is_first:
            self.active.outbox.allow(allowed=False)

    def _write(self, reversals: Sequence[Reversal]) -> None:
        if not reversals:
            return
        outbox, by_lead = self.active.outbox, {each.row.lead: each for each in reversals}
        outbox.sending([each.row for each in reversals], self.number, self.lease)
        for answers in self.job.connector.push([each.row for each in reversals], self.active.of):
            recorded = outbox.record(answers, self.number, self.lease)
            self.undone.restored += recorded.written
            self.undone.refused += recorded.refused
            self.undone.gone += recorded.gone
            taken = [by_lead[answer.lead] for answer in answers if _is_taken(answer)]
            unwritten = {each.row.lead: each.holds for each in taken if each.is_first}
            outbox.undone([each.row.lead for each in taken], unwritten, self.lease)

    def _reversals(self, writes: Sequence[Write]) -> Iterator[Reversal]:
        field, leads = self.active.field, [write.lead for write in writes]
        names = sorted({field(name) for write in writes for name in write.after})
        now = self.job.connector.read(leads, names, self.active.of)
        written = self.active.outbox.written_values(leads)
        for write in writes:
            held = now.get(write.lead)
            if held is None:
                self.undone.gone += 1
                continue
            plain = {name: held.get(field(name)) for name in write.after}
            if reversal := self._reversal(write, plain, written.get(write.lead, {})):
                yield reversal

    def _reversal(self, write: Write, held: Mapping[str, Value], written: Mapping[str, Value]) -> Reversal | None:
        """Return what to write back to a lead: the fields that still hold what this run or a later one wrote."""
        known = {**(dict.fromkeys(write.after) if self.empty else {}), **write.before}
        due = {name: value for name, value in known.items() if not same(held[name], value)}
        ours = {name: value for name, value in due.items() if _is_ours(name, held[name], write, written)}
        self._count(write, known, due, ours, written)
        if not ours:
            return None
        is_first = "first" in write.causes and known.keys() == write.after.keys()
        row = Row(write.lead, {self.active.field(name): value for name, value in ours.items()})
        return Reversal(row, is_first, {**held, **ours})

    def _count(
        self,
        write: Write,
        known: Mapping[str, Value],
        due: Mapping[str, Value],
        ours: Mapping[str, Value],
        written: Mapping[str, Value],
    ) -> None:
        self.undone.unknown += write.before.keys() != write.after.keys()
        self.undone.already += bool(known) and not due
        self.undone.kept += len(ours) < len(due)
        self.undone.later += any(name in written and not same(written[name], write.after[name]) for name in ours)


def _is_ours(name: str, held: Value, write: Write, written: Mapping[str, Value]) -> bool:
    return same(held, write.after[name]) or (name in written and same(held, written[name]))


def _is_taken(answer: Pushed) -> bool:
    return answer.refusal is None and answer.survivor in (None, answer.lead)
