"""Calls of each kind of pass over a sandbox CRM in which nothing changes, with the paths that are called most."""

import logging
import re
from argparse import ArgumentParser
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

from starlette.types import Receive, Scope, Send

from pipeline.passes import BACKFILL, RECONCILE, REFRESH, SYNC, Kind
from tests.stage import Opener, Trap

START = datetime(2026, 11, 22, 12, tzinfo=UTC)
MOMENT = timedelta(seconds=30)
PASSES: tuple[tuple[str, Kind, timedelta], ...] = (
    ("first backfill", BACKFILL, MOMENT),
    ("second backfill", BACKFILL, MOMENT),
    ("sync, 5 minutes later", SYNC, timedelta(minutes=5)),
    ("sync, 2 hours later", SYNC, timedelta(hours=2)),
    ("sync, 5 minutes later", SYNC, timedelta(minutes=5)),
    ("refresh, 10 hours later", REFRESH, timedelta(hours=10)),
    ("sync, 5 minutes later", SYNC, timedelta(minutes=5)),
    ("reconcile, 3 hours later", RECONCILE, timedelta(hours=3)),
    ("sync, 5 minutes later", SYNC, timedelta(minutes=5)),
)
SHOWN = 8


class Counting(Trap):
    """Counts the calls by path, with `*` for ids."""

    counts: ClassVar[Counter[str]] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count a call, then handle it."""
        if scope["type"] == "http":
            path = re.sub(r"/[0-9]{3,}(?=/|$)|/[0-9a-zA-Z]{15,18}(?=/|$)", "/*", scope["path"])
            self.counts[f"{scope['method']} {path}"] += 1
        await super().__call__(scope, receive, send)


def main() -> None:
    arguments = ArgumentParser(description=__doc__)
    arguments.add_argument("--leads", type=int, default=2000)
    arguments.add_argument("--crm", choices=["hubspot", "salesforce"], default="hubspot")
    arguments.add_argument("--paths", action="store_true", help="also show which paths are called most")
    given = arguments.parse_args()
    logging.disable(logging.WARNING)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        stage = getattr(Opener(stack, folder), given.crm)(given.leads, at=START)
        stage.trap.__class__ = Counting
        stage.provision()
        for name, kind, later in PASSES:
            stage.live(later, pace=0)
            Counting.counts.clear()
            report = stage.do(kind, now=lambda: stage.moment)
            print(f"{name:<26} {sum(Counting.counts.values()):>5} calls, {report.tally.written:>6,} rows written")
            for path, count in Counting.counts.most_common(SHOWN if given.paths else 0):
                print(f"{count:>9} {path}")


if __name__ == "__main__":
    main()
