"""Streams that cannot be read any longer: for how many passes in a row, so that people are told once."""

from typing import Final

from pipeline.job import Job

UNREAD: Final = "unread_passes"
"""Where a run keeps for how many passes in a row each stream was not read."""
_NEVER: Final = -1
"""For a stream that was never read: what was not there is not lost."""


def unread_passes(job: Job) -> dict[str, int]:
    """Return for how many passes in a row, this one included, each stream could not be read; 0 for one that was."""
    last = job.runs.last_with(UNREAD)
    before: dict[str, int] = last.counts[UNREAD] if last else {}
    denied, names = job.sources.unread(), [stream.name for stream in job.sources.streams()]
    return {name: _following(before.get(name, _NEVER)) if name in denied else 0 for name in names}


def _following(before: int) -> int:
    return before if before == _NEVER else before + 1
