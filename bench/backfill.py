"""Backfill against the sandbox HubSpot: our own CPU per 100 contacts pulled and written, and calls against the floor.

`make bench-backfill`, or `python -m bench.backfill --leads 20000`.
"""

import argparse
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from commands.init import starting_files
from config import load_settings
from pipeline.connect import output_fields
from pipeline.job import Job, opened
from pipeline.lease import leased
from pipeline.passes import BACKFILL, Pass
from pipeline.watch import Tally, Watch


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
    order = [
        sys.executable,
        "-m",
        "worker",
        "sandbox",
        "hubspot",
        "--port",
        "0",
        "--leads",
        str(leads),
        "--no-rate-limit",
    ]
    with tempfile.TemporaryDirectory() as folder, subprocess.Popen(order, stdout=subprocess.PIPE, text=True) as sandbox:
        try:
            settings = load_settings(_settings(Path(folder), _greeting(sandbox)))
            with opened(settings, None) as job:
                _measure(job, leads)
        finally:
            sandbox.terminate()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=20_000)
    return parser.parse_args()


def _greeting(sandbox: subprocess.Popen[str]) -> dict[str, str]:
    assert sandbox.stdout is not None
    said: dict[str, str] = {}
    while "page" not in said:
        name, _, value = sandbox.stdout.readline().strip().partition(" ")
        said[name] = value
    return said


def _settings(folder: Path, said: dict[str, str]) -> Path:
    for name, text in starting_files("hubspot", "b2b-saas").items():
        (folder / name).write_text(text, encoding="utf-8")
    os.environ["BENCH_TOKEN"] = said["token"]
    file, yaml = folder / "leadgauge.yaml", YAML()
    settings: dict[str, Any] = yaml.load(file)
    connection = settings["connections"]["main"]
    connection |= {"base_url": said["page"].rstrip("/"), "token": {"env": "BENCH_TOKEN"}}
    yaml.dump(settings, file)
    return file


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
