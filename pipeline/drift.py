"""Differences between the CRM and this database: fields that others changed, and a database that is out of date."""

from collections.abc import Iterator
from typing import Final

from pipeline.job import Job
from store import OLDER, Drift

DRIFT: Final = "drift"
"""The note under which `status` shows which fields hold something else than leadgauge wrote."""

_NAMED: Final = 5
"""How many fields a message names at most."""


def found(job: Job) -> dict[str, Drift]:
    """Return the drift found by the last listing, by `ActiveScorecard.key`; those without drift are left out."""
    drifts = {box.key: box.outbox.drift() for box in job.boxes}
    return {key: drift for key, drift in drifts.items() if drift.leads}


def note(job: Job, drifts: dict[str, Drift], *, mends: bool) -> str:
    """Save a note about drift for `status`, and return it; an empty text if nothing drifted."""
    text = " ".join(line for drift in drifts.values() for line in _lines(drift, mends=mends))
    job.store.note(job.name, DRIFT, text or None)
    return text


def note_older(job: Job, leads: int) -> str:
    """Save a note for `status` and `check` that leads were scored later than this database knows, and return it."""
    text = (
        f"{leads:,} leads have a later `lead_scored_at` in the CRM than this database ever wrote. If the database was "
        "restored from a backup, it does not know the later writes, and leads may keep outdated values: run `leadgauge "
        "backfill --rewrite`, which writes all of them. If another leadgauge writes the same fields, stop one of the "
        "two."
    )
    job.store.note(job.name, OLDER, text)
    return text


def forget(job: Job, *names: str) -> None:
    """Remove notes."""
    for name in names:
        job.store.note(job.name, name, None)


def _lines(drift: Drift, *, mends: bool) -> Iterator[str]:
    named = [f"{name} ({leads:,})" for name, leads in list(drift.fields.items())[:_NAMED]]
    more = f" and {len(drift.fields) - _NAMED} more fields" if len(drift.fields) > _NAMED else ""
    yield (
        f"{drift.leads:,} {drift.of} hold something else in the CRM than leadgauge wrote there:"
        f" {', '.join(named)}{more}; for example {', '.join(drift.examples)}."
    )
    if drift.again:
        yield (
            f"{drift.again:,} of them have a field that was corrected once and changed again: a workflow or another "
            "program writes it, so it is left alone."
        )
    if not mends:
        yield "`leadgauge backfill --rewrite` writes our values again; `write.drift: mend` does so after each listing."
