"""What the daemon does on request of a command, under its own lease."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from pipeline.forgetting import forget_one
from pipeline.job import Job
from pipeline.passes import BACKFILL, READ, RECONCILE, REFRESH, SYNC, Pass, PassOptions, Report
from pipeline.undo import undo_one
from store import Answer, Lease, Request

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
        return Answer(_OTHERS[kind](job, options, lease))
    except Exception as error:
        if not hasattr(error, "exit_code"):
            raise
        return Answer({}, str(error), error.exit_code)


_OTHERS: Final[Mapping[str, Callable[[Job, Options, Lease], Mapping[str, Any]]]] = {
    "undo": undo_one,
    "forget": lambda job, options, lease: forget_one(job.mirror, options, lease),
}
