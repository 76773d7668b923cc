"""Compare activities, conversions and accounts of the mirror with those of the CRM, after the changes were read.

What the CRM no longer has is left to the brake, like everything that is missing from an answer. What the mirror lacks
is read.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final

from pipeline.job import Job
from store import Lease
from vocabulary.pages import Page, Stream

COMPARED: Final = "compared_at"
"""The note in a run's counts: since when parents of activities may have changed unnoticed."""


def compared(job: Job, lease: Lease, moved: Callable[[], None]) -> Iterator[Sequence[Page]]:
    """Compare every stream that can be compared; yield pages with what the mirror lacks."""
    for stream in job.sources.compared():
        missing = _missing(job, stream, lease, moved)
        for page in job.sources.read_again(stream, missing, _changed_since(job)):
            yield [page]


def _missing(job: Job, stream: Stream, lease: Lease, moved: Callable[[], None]) -> list[str]:
    """Return the records that the mirror lacks, and note what the CRM lacks, if its answer is complete."""
    comparison = job.mirror.compare(stream.compared, stream.compares)
    missing: dict[str, None] = {}
    for page in job.sources.present(stream, comparison.oldest):
        missing |= dict.fromkeys(comparison.add(page.present))
        if page.listed:
            comparison.finish(lease)
        moved()
    return list(missing)


def _changed_since(job: Job) -> datetime | None:
    noted = job.runs.last_with(COMPARED)
    return datetime.fromisoformat(noted.counts[COMPARED]) if noted else None
