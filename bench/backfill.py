"""Backfill against the sandbox HubSpot: our own CPU per 100 contacts pulled and written, and calls against the floor.

`make bench-backfill`, or `python -m bench.backfill --leads 20000`.
"""

import argparse
import math
import resource
import tempfile
import time
from pathlib import Path

from commands.demo import sandbox, write_settings
from config import load_settings
from pipeline.connect import output_fields
from pipeline.job import Job, opened
from pipeline.lease import leased
from pipeline.passes import BACKFILL, Pass
from pipeline.watch import Tally, Watch

SEED = 7


class Steps(Watch):
    """Takes the CPU time of this process when a step begins and ends."""

    def __init__(self) -> None:
        self.cpu: dict[str, list[float]] = {}

    def step(self, name: str, tally: Tally) -> None:  # noqa: ARG002 - the parent's signature
        """Take the time at the first and the latest move of a step."""
        now = time.process_time()
        self.cpu.setdefault(name, [now, now])[1] = now


def main() -> None:
    leads = _arguments().leads
    with tempfile.TemporaryDirectory() as folder, sandbox("hubspot", leads, SEED, "--no-rate-limit") as running:
        settings = load_settings(write_settings("hubspot", running, Path(folder) / "bench"))
        with opened(settings, None) as job:
            _measure(job, leads)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=20_000)
    return parser.parse_args()


def _measure(job: Job, leads: int) -> None:
    job.connector.provision(output_fields(job.connection.scorecards))
    steps = Steps()
    with leased(job, "bench") as lease:
        tally = Pass(job, BACKFILL, lease, watch=steps).run().tally
    counts, hundreds = job.mirror.counts(), leads / 100
    pulled, written = (_spent(steps.cpu[name]) / hundreds for name in ("read", "write"))
    floor = math.ceil(leads / 100) * 2 + math.ceil(counts.accounts / 100)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"backfill leads={leads} activities={counts.activities} cpu_per_100_pulled={pulled:.1f}ms "
        f"(contacts, companies and all their activities) cpu_per_100_written={written:.1f}ms "
        f"calls={tally.calls} floor_of_contacts_companies_and_writes={floor} peak={peak:.0f}MB"
    )


def _spent(between: list[float]) -> float:
    return 1000 * (between[1] - between[0])


if __name__ == "__main__":
    main()
