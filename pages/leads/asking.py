"""Asking the CRM while a person waits: with the token of the connection, and not for long."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Timer
from typing import Final

from config import ConfigError
from connectors.base import ConnectorError
from pipeline.job import Job

LONGEST: Final = 10.0
"""Seconds after which no further attempt is made."""


class Unanswered(Exception):  # noqa: N818 - named for the problem
    """The CRM was not asked, or did not answer. The message says why."""


@contextmanager
def asking(job: Job) -> Iterator[Job]:
    """Yield a job that may call the CRM; raise `Unanswered` if the token is missing or the CRM fails."""
    stop = Event()
    timer = Timer(LONGEST, stop.set)
    timer.daemon = True
    asker = Job(job.name, job.connection, job.store, stop)
    timer.start()
    try:
        yield asker
    except (ConfigError, ConnectorError) as error:
        late = f"The CRM did not answer within {LONGEST:.0f} seconds."
        raise Unanswered(late if stop.is_set() else str(error)) from error
    finally:
        timer.cancel()
        asker.close()
