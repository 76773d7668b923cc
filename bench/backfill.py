"""Times a backfill from a sandbox: CPU by step, memory, and the calls compared with the minimum.

    python -m bench.backfill [--crm salesforce] [--leads 20000]

The sandbox runs in a separate process without a rate limit, so CPU and memory are only ours. Pulled data is stored in
the mirror, and writes go through the outbox.
"""

import argparse
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from math import ceil
from pathlib import Path

import requests

from commands.demo import Sandbox, sandbox, write_settings
from config import load_settings
from pipeline.connect import output_fields
from pipeline.job import Job, opened
from pipeline.lease import leased
from pipeline.passes import BACKFILL, Pass, PassOptions
from pipeline.progress import Observer, Tally
from store import Counts

SEED = 7
Calls = Mapping[str, int]


class Steps(Observer):
    """Measures the CPU time of each step; leads and accounts are read first."""

    def __init__(self) -> None:
        self.cpu: Counter[str] = Counter()
        self.last = time.process_time()

    def step(self, name: str, tally: Tally) -> None:
        """Add the CPU time since the last call to this step."""
        now = time.process_time()
        self.cpu["activities" if name == "read" and tally.activities else name] += int((now - self.last) * 1e6)
        self.last = now

    def each(self, name: str, leads: int) -> float:
        """Return the milliseconds that a step took per 100 leads."""
        return self.cpu[name] / 10 / leads


def main() -> None:
    """Print one line of results."""
    given = _arguments()
    with tempfile.TemporaryDirectory() as folder, sandbox(given.crm, given.leads, SEED, "--no-rate-limit") as running:
        settings = load_settings(write_settings(given.crm, running, Path(folder) / "bench"))
        with opened(settings, None) as job:
            steps, counts = _backfill(job, running)
        print(f"backfill {given.crm} leads={counts.leads} activities={counts.activities} {_spent(steps, counts.leads)}")
        print(f"  calls: {_beside_the_floor(_asked(running), counts)}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--crm", choices=["hubspot", "salesforce"], default="hubspot")
    parser.add_argument("--leads", type=int, default=20_000)
    return parser.parse_args()


def _backfill(job: Job, running: Sandbox) -> tuple[Steps, Counts]:
    """Run the pass, without counting provisioning and checks."""
    job.connector.provision(output_fields(job.connection))
    job.verify()
    _sandbox(requests.delete, running, "stats")
    with leased(job, "bench") as lease:
        steps = Steps()
        Pass(job, BACKFILL, lease, PassOptions(yes=True), steps).run()
    return steps, job.mirror.counts()


def _spent(steps: Steps, leads: int) -> str:
    people, activities, scored, written = (steps.each(name, leads) for name in ("read", "activities", "score", "write"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return (
        f"cpu_per_100: pulled={people + activities:.1f}ms (leads, accounts {people:.1f}, activities {activities:.1f}) "
        f"scored={scored:.1f}ms written={written:.1f}ms peak={peak:.0f}MB"
    )


def _asked(running: Sandbox) -> Calls:
    """Count the calls by endpoint."""
    log = _sandbox(requests.get, running, "log").json()["log"]
    return Counter(f"{call['method']} {call['path'].partition('?')[0]}" for call in log)


def _sandbox(verb: Callable[..., requests.Response], running: Sandbox, what: str) -> requests.Response:
    return verb(f"{running.url}/_sandbox/{what}", timeout=60, proxies={"http": ""})


def _beside_the_floor(calls: Calls, counts: Counts) -> str:
    """Print HubSpot's calls and the known minimum; for Salesforce see `bench.salesforce`."""
    least = {
        "contacts": ("GET /crm/v3/objects/contacts", counts.leads),
        "companies": ("GET /crm/v3/objects/companies", counts.accounts),
        "writes": ("POST /crm/v3/objects/contacts/batch/update", counts.leads),
    }
    known = {name: (calls[address], ceil(rows / 100)) for name, (address, rows) in least.items() if address in calls}
    told = [f"{name}={made} (floor {floor})" for name, (made, floor) in known.items()]
    others = sum(calls.values()) - sum(made for made, _ in known.values())
    return " ".join([*told, f"others={others}"])


if __name__ == "__main__":
    main()
