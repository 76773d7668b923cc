"""What a pass queues for people, in the transactions that record what it did."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Final

from config.notify import Sink
from config.settings import AnyConnection
from pipeline.job import ActiveScorecard, Job
from store import Alerting, Lease, Listener, New
from store.notices.queue import add
from store.sql.leases import Transaction
from store.sql.runs import State
from vocabulary.fields import ACCOUNT
from vocabulary.outputs import Of

_WHAT: Final[Mapping[str, str]] = {
    "failed": "a pass failed",
    "held": "something is held and waits for a person",
    "refused": "the CRM refused rows",
}
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
    job: Job, run: int, state: State, counts: Mapping[str, object], message: str
) -> Callable[[Transaction], None]:
    """Return the work that queues what a pass gives administrators to do, with the record of its end.

    Each kind is queued once, until a pass has ended otherwise; used-up calls once a day.
    """
    queued = list(_troubles(job, run, state, counts, message))
    return partial(_queue, queued, job.now())


def _queue(queued: list[New], at: datetime, tx: Transaction) -> None:
    add(tx.sql, tx.connection, queued, at)


def _troubles(job: Job, run: int, state: State, counts: Mapping[str, object], message: str) -> list[New]:
    told = job.connection.notify
    sinks = told.telling("trouble") if told else {}
    if not told or not sinks:
        return []
    found: dict[str, tuple[str, str]] = {}
    if state in _WHAT:
        said = message or (_REFUSED.format(counts.get("refused", "some")) if state == "refused" else "")
        found[f"{state}:{job.runs.since(run, state)}"] = _WHAT[state], said
    left = counts.get("calls_left")
    if isinstance(left, int) and left < told.calls_left:
        said = f"{left:,} calls to the CRM are left today. When none is left, passes wait until they reset."
        found[f"calls:{job.now():%Y-%m-%d}"] = "the calls to the CRM are nearly used up", said
    return [
        New(sink, key, "trouble", {"what": what, "message": said, "run": run})
        for key, (what, said) in found.items()
        for sink in sinks
    ]
