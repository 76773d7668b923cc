"""What the daemon does on request of a command, under its own lease."""

import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

from pipeline.forgetting import forget_one
from pipeline.job import Job
from pipeline.passes import BACKFILL, READ, RECONCILE, REFRESH, SYNC, Pass, PassOptions, Report
from pipeline.undo import undo_one
from store import Answer, Lease, Request

logger: Final = logging.getLogger(__name__)
Options = Mapping[str, Any]
PASSES: Final = {kind.name: kind for kind in (BACKFILL, SYNC, REFRESH, RECONCILE, READ)}


def fulfilled(job: Job, lease: Lease, request: Request, run_pass: Callable[[Pass], Report]) -> Answer:
    """Do what was asked and return the answer. A pass that fails raises, like a scheduled one.

    `run_pass`: runs a pass with supervision and bookkeeping.
    """
    kind, options = request.kind, {**request.options, "by": request.asked_by}
    if kind in PASSES:
        return Answer(run_pass(Pass(job, PASSES[kind], lease, PassOptions(**options))).as_json())
    try:
        answer = Answer(_OTHERS[kind](job, options, lease))
    except Exception as error:
        if not hasattr(error, "exit_code"):
            raise
        logger.warning("%s: %s for %s was not done: %s", job.name, kind, request.asked_by, error)
        return Answer({}, str(error), error.exit_code)
    logger.info("%s: %s for %s is done%s", job.name, kind, request.asked_by, _figures(answer))
    return answer


def _figures(answer: Answer) -> str:
    """Return what an undo restored, for the log; nothing for other work."""
    done = answer.result
    return f": {done['restored']:,} {done['things']} restored in {done['calls']:,} calls" if "restored" in done else ""


_OTHERS: Final[Mapping[str, Callable[[Job, Options, Lease], Mapping[str, Any]]]] = {
    "undo": undo_one,
    "forget": lambda job, options, lease: forget_one(job.mirror, options, lease),
}
