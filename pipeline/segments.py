"""What a pass says of segments and campaigns that could not be read: their members stay as they were."""

from collections.abc import Mapping
from typing import Final

from pipeline.job import Job

NOTE: Final = "segments"
"""The note under which `status` shows them."""


def note(job: Job, unread: Mapping[str, str]) -> str:
    """Save a note for `status` about segments that could not be read, and return it; empty if all could."""
    entries = [
        (f"`{entry}` of `{field}` ({segment})", unread[segment])
        for field, segments in job.segments.items()
        for entry, segment in segments.items()
        if segment in unread
    ]
    by_reason: dict[str, list[str]] = {}
    for named, why in entries:
        by_reason.setdefault(why, []).append(named)
    told = "; ".join(f"{', '.join(named)}: {why}" for why, named in by_reason.items())
    text = f"Not read, so the members stay as they were: {told}." if told else ""
    job.store.note(job.name, NOTE, text or None)
    return text
