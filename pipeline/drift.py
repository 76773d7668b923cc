"""What the CRM says against what this database believes: fields that drifted, and a database that is older."""

from collections.abc import Iterator
from typing import Final

from pipeline.job import Job
from store import OLDER, Drift

DRIFT: Final = "drift"
"""The note under which `status` shows which fields hold something else than they were told."""

_NAMED: Final = 5
"""How many fields are named."""


def found(job: Job) -> dict[str, Drift]:
    """Return what drifted by the last listing, by the prefix of each scorecard of which something did."""
    drifts = {active.prefix: active.outbox.drift() for active in job.scorecards}
    return {prefix: drift for prefix, drift in drifts.items() if drift.leads}


def note(job: Job, drifts: dict[str, Drift], *, mends: bool) -> str:
    """Keep for `status` what drifted, and return it in words; nothing where nothing did."""
    text = " ".join(line for drift in drifts.values() for line in _lines(drift, mends=mends))
    job.store.note(job.name, DRIFT, text or None)
    return text


def note_older(job: Job, leads: int) -> str:
    """Keep for `status` and `check` that leads were scored later than this database knows, and return it in words."""
    text = (
        f"{leads:,} leads carry a later `lead_scored_at` in the CRM than this database ever wrote. Either it was "
        "restored from a backup: what was written since is not known here, and leads may keep it for ever. Run "
        "`leadgauge backfill --rewrite`, which writes all of them. Or another leadgauge writes the same fields: stop "
        "one of the two."
    )
    job.store.note(job.name, OLDER, text)
    return text


def forget(job: Job, *names: str) -> None:
    """Take notes away."""
    for name in names:
        job.store.note(job.name, name, None)


def _lines(drift: Drift, *, mends: bool) -> Iterator[str]:
    named = [f"{name} ({leads:,})" for name, leads in list(drift.fields.items())[:_NAMED]]
    more = f" and {len(drift.fields) - _NAMED} more fields" if len(drift.fields) > _NAMED else ""
    yield (
        f"{drift.leads:,} leads hold something else in the CRM than leadgauge wrote there: {', '.join(named)}{more}; "
        f"for example {', '.join(drift.examples)}."
    )
    if drift.again:
        yield (
            f"{drift.again:,} of them have a field that was mended once and drifted again: a workflow or another "
            "program of yours writes it, so it is left alone."
        )
    if not mends:
        yield "`leadgauge backfill --rewrite` writes ours again; with `write.drift: mend` each listing does."
