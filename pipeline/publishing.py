"""Results to the warehouse: what the CRM was told, after it was told."""

import logging
from collections.abc import Iterator
from typing import Final

import polars as pl

from connectors.base import ConnectorError
from connectors.warehouse.results import KEY
from pipeline.job import ActiveScorecard, Job
from store import Lease
from vocabulary.pages import Page, plan_of

logger: Final = logging.getLogger(__name__)

_STREAM: Final = "warehouse-results"
"""Under which the mirror keeps up to which change the results were written, and whereto."""


def publish(job: Job, lease: Lease, *, whole: bool) -> list[str]:
    """Write what the CRM was told since the last time, or all of it; return what to say if that failed.

    Nothing is lost by a failure: the next pass writes from the same change on.
    """
    told = job.connection.warehouse.results if job.connection.warehouse else None
    writer = job.sources.results()
    if told is None or writer is None:
        return []
    into = plan_of(told, [box.key for box in job.boxes], job.outputs)
    cursor = job.mirror.cursor(_STREAM) or {}
    anew = whole or cursor.get("into") != into
    after = None if anew else cursor.get("after")
    until = max((box.outbox.told_until() for box in job.boxes), default=0)
    if after is not None and until <= after:
        return []
    try:
        count = writer.write(job.name, _frames(job, after, until), whole=after is None)
    except ConnectorError as error:
        logger.warning("The results were not written to the warehouse: %s", error)
        return [f"The results were not written to the warehouse; the next pass does. {error}"]
    job.mirror.save(Page(_STREAM, {"after": until, "into": into}), lease)
    logger.info("%s results were written to the warehouse.", count)
    return []


def _frames(job: Job, after: int | None, until: int) -> Iterator[pl.DataFrame]:
    """Yield what the CRM was told after a change, up to another: the same rows however late they are written."""
    for box in job.boxes:
        for frame in box.outbox.told_since(after, until):
            yield _named(job, box, frame)


def _named(job: Job, box: ActiveScorecard, frame: pl.DataFrame) -> pl.DataFrame:
    owner = {"connection": job.name, "of": box.of, "scorecard": box.prefix}
    return frame.with_columns(pl.lit(value).alias(name) for name, value in owner.items()).select(*KEY, pl.exclude(KEY))
