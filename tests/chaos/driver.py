"""One pass as a process of its own, at a given moment: `python -m tests.chaos.driver SETTINGS MOMENT KIND`."""

import sys
from datetime import datetime
from pathlib import Path

from config import load_settings
from pipeline.job import opened
from pipeline.lease import leased
from pipeline.passes import BACKFILL, RECONCILE, SYNC, Orders, Pass

KINDS = {kind.name: kind for kind in (BACKFILL, SYNC, RECONCILE)}


def main(settings: str, moment: str, kind: str) -> None:
    """Do the pass; an error ends the process with its message."""
    now = datetime.fromisoformat(moment)
    with opened(load_settings(Path(settings)), None, now=lambda: now) as job, leased(job, kind) as lease:
        Pass(job, KINDS[kind], lease, Orders(accept=True)).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
