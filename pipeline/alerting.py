"""What a pass queues for people, in the transactions that record what it did."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from config.notify import Notify, Sink
from config.settings import AnyConnection
from pipeline.job import ActiveScorecard, Job
from pipeline.notify.ending import ending
from pipeline.unread import UNREAD
from store import Alerting, Lease, Listener, New
from store.notices.queue import add
from store.sql.leases import Transaction
from store.sql.runs import State
from vocabulary.expiries import Expiry
from vocabulary.fields import ACCOUNT
from vocabulary.outputs import Of

Said = tuple[str, str, str]
"""The key of a message, what has happened in a few words, and the whole of it."""
_WHAT: Final[Mapping[str, str]] = {
    "failed": "a pass failed",
    "held": "something is held and waits for a person",
    "refused": "the CRM refused rows",
}
_LEFT: Final = "calls_left"
_REFUSED: Final = "The CRM refused {} rows; they are tried again. `leadgauge status` lists them with the reasons."


def alerting_of(connection: AnyConnection, box: ActiveScorecard) -> Alerting | None:
    """Return who is told about what is new in the first priority of a scorecard; None if it has no priorities."""
    told = connection.notify
    if told is None or not box.card.priorities:
        return None
    listeners = tuple(_listener(name, sink, box.of) for name, sink in told.telling("priority").items())
    return Alerting(box.card.priorities[0], told.rearm, listeners, box.of)


def _listener(name: str, sink: Sink, of: Of) -> Listener:
    field, owners = sink.owner_field, frozenset(sink.owners.ids if sink.owners else ())
    return Listener(name, ACCOUNT + field if field and of == "accounts" else field, owners)


def begin_alerts(job: Job, run: int, lease: Lease) -> None:
    """Let later passes alert people, once one has written all that waited: it would alert about everybody."""
    for box in job.boxes if job.connection.notify else ():
        if box.card.priorities and box.outbox.has_sent():
            box.outbox.begin_alerts(run, box.card.priorities[0], lease)


def trouble(
    job: Job,
    run: int,
    state: State,
    counts: Mapping[str, object],
    message: str,
    expiries: Sequence[Expiry] = (),
) -> Callable[[Transaction], None]:
    """Return the work that queues what a pass gives administrators to do, with the record of its end.

    Each kind is queued once, until a pass has ended otherwise. `expiries`: what the connection depends on.
    """
    told = job.connection.notify
    if not told or not (sinks := told.telling("trouble")):
        return partial(_queue, [], job.now())
    found = [
        *_of_state(job, run, state, counts, message),
        *_of_calls(job, told, counts),
        *_of_streams(job, told, run, counts),
    ]
    queued = [
        New(sink, key, "trouble", {"what": what, "message": said, "run": run})
        for key, what, said in found
        for sink in sinks
    ]
    return partial(_queue, [*queued, *ending(told, expiries, job.now())], job.now())


def _queue(queued: list[New], at: datetime, tx: Transaction) -> None:
    add(tx.sql, tx.connection, queued, at)


def _of_state(job: Job, run: int, state: State, counts: Mapping[str, object], message: str) -> Iterator[Said]:
    if state in _WHAT:
        said = message or (_REFUSED.format(counts.get("refused", "some")) if state == "refused" else "")
        yield f"{state}:{job.runs.since(run, state)}", _WHAT[state], said


def _of_calls(job: Job, told: Notify, counts: Mapping[str, object]) -> Iterator[Said]:
    """Yield that calls are nearly used up, unless the pass before has said so."""
    left, last = counts.get(_LEFT), job.runs.last_with(_LEFT)
    before = last.counts[_LEFT] if last else None
    if isinstance(left, int) and left < told.calls_left and (before is None or before >= told.calls_left):
        said = f"{left:,} calls to the CRM are left today. When none is left, passes wait until they reset."
        yield f"calls:{job.now():%Y-%m-%d}", "the calls to the CRM are nearly used up", said


def _of_streams(job: Job, told: Notify, run: int, counts: Mapping[str, object]) -> Iterator[Said]:
    """Yield which streams could not be read for as many passes as the settings say, just now."""
    passes = counts.get(UNREAD)
    lost = [name for name, number in passes.items() if number == told.unread_after] if isinstance(passes, dict) else []
    if not lost:
        return
    why, labels = job.sources.unread(), {stream.name: stream.label for stream in job.sources.streams()}
    since = f"Not read in {told.unread_after} passes in a row, so scores miss what is new there."
    reasons = dict.fromkeys(why[name] for name in lost)  # streams of one source are lost together
    named = ", ".join(labels[name] for name in lost)
    yield f"unread:{run}", f"{named} cannot be read any longer", " ".join([since, *reasons])
