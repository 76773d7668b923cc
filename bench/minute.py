"""How long it takes from a lead's request to its priority in the CRM, with a daemon that looks every 30 seconds."""

import logging
import random
import time
from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from pipeline.passes import BACKFILL
from tests.stage import Opener, Stage

NAMES = ("lead_priority", "lead_priority_rose_at", "lead_grade")
LOOK = 0.2


def every(connection: dict[str, Any]) -> None:
    connection["schedule"] = {"sync": "30s"}


def rises(stage: Stage, lead: str, at: random.Random) -> float:
    """Let a lead ask for a demo at any time, and return the seconds until its priority has risen in the CRM."""
    time.sleep(at.uniform(0, 30))
    before = stage.fields(*NAMES)[lead]["lead_priority_rose_at"]
    stage.act(lead, "demo_request")
    asked = time.monotonic()
    while stage.fields(*NAMES)[lead]["lead_priority_rose_at"] == before:
        time.sleep(LOOK)
    return time.monotonic() - asked


def main() -> None:
    arguments = ArgumentParser(description=__doc__)
    arguments.add_argument("--crm", choices=["hubspot", "salesforce"], default="hubspot")
    arguments.add_argument("--leads", type=int, default=2000)
    arguments.add_argument("--times", type=int, default=8)
    given = arguments.parse_args()
    logging.disable(logging.WARNING)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        stage: Stage = getattr(Opener(stack, folder), given.crm)(given.leads)
        stage.configure(every)
        stage.provision()
        stage.do(BACKFILL)
        held = stage.fields(*NAMES).items()
        good = [
            lead for lead, of in held if of["lead_priority"] in {"P2", "P3"} and str(of["lead_grade"])[0] in {"A", "B"}
        ]
        with stage.start("run") as daemon:
            at = random.Random(7)
            took = [rises(stage, lead, at) for lead in good[: given.times]]
            daemon.terminate()
    figures = f"median {median(took):.0f} s, longest {max(took):.0f} s"
    print(f"{given.crm}, {given.leads:,} leads, {len(took)} requests: {figures}")


if __name__ == "__main__":
    main()
