"""Runs many schedules and reports by seed: `python -m tests.chaos.night 1000`; resumes after a stop.

Each finished schedule is a line in `.chaos/night.tsv` (CRM, database, seed, outcome, seconds, broken invariants); for
one that fails, `.chaos/CRM-DATABASE-SEED.txt` has pytest's report: schedule, log, violations.
"""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

FOLDER = Path(".chaos")
REPORT = FOLDER / "night.tsv"
TEST = "tests/chaos/test_chaos.py::test_after_any_schedule_of_faults_all_is_as_a_clean_run_leaves_it"
ROUND = [(database, crm) for database in ("sqlite", "postgresql") for crm in ("hubspot", "salesforce")]


@dataclass(frozen=True)
class Line:
    """The result of one schedule."""

    crm: str
    database: str
    seed: int
    outcome: str
    seconds: float
    broken: str

    @classmethod
    def read(cls, text: str) -> "Line":
        crm, database, seed, outcome, seconds, broken = text.rstrip("\n").split("\t")
        return cls(crm, database, int(seed), outcome, float(seconds), broken)

    def __str__(self) -> str:
        return "\t".join(map(str, vars(self).values()))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Record a finished schedule; only in the main process, which gets all reports."""
    if "PYTEST_XDIST_WORKER" in os.environ or not (report.when == "call" or report.failed):
        return
    crm, database, seed = report.nodeid.rpartition("[")[2].rstrip("]").split("-")
    text = f"{report.longreprtext}\n{report.sections}" if report.failed else ""
    line = Line(crm, database, int(seed), report.outcome, round(report.duration, 1), ",".join(_broken(text)))
    with REPORT.open("a") as file:
        file.write(f"{line}\n")
    if report.failed:
        Path(FOLDER / f"{crm}-{database}-{seed}.txt").write_text(_readable(report))


def _readable(report: pytest.TestReport) -> str:
    return "\n\n".join([report.longreprtext, *(f"--- {name}\n{text}" for name, text in report.sections)])


def _broken(text: str) -> list[str]:
    from tests.chaos.invariants import ENDS, PASSES  # noqa: PLC0415 - what runs schedules need not be loaded to count

    return [each.__name__ for each in (*PASSES, *ENDS) if f"{each.__name__}: " in text]


def told() -> list[Line]:
    """Return the schedules finished so far."""
    return [Line.read(text) for text in REPORT.open()] if REPORT.exists() else []


def wanted(schedules: int, done: Sequence[Line]) -> Iterator[str]:
    """Yield the remaining tests of a number of schedules: seeds from 0, each on all CRMs and databases."""
    known = {(line.database, line.crm, line.seed) for line in done}
    for number in range(schedules):
        seed, (database, crm) = number // len(ROUND), ROUND[number % len(ROUND)]
        if (database, crm, seed) not in known:
            yield f"{TEST}[{crm}-{database}-{seed}]"


def run(tests: Sequence[str], schedules: int, workers: str) -> None:
    """Run the tests and record each as it ends."""
    named = FOLDER / "tests.txt"
    named.write_text("\n".join(tests))
    environment = os.environ | {"CHAOS_SEEDS": f"0-{(schedules - 1) // len(ROUND)}"}
    options = ["-q", "-n", workers, "-p", "tests.chaos.night", f"@{named}"]
    subprocess.run([sys.executable, "-m", "pytest", *options], env=environment, check=False)


def summary(lines: Sequence[Line], minutes: float) -> str:
    """Return a summary: how many, how long, and which seeds broke which invariants."""
    outcomes = Counter(line.outcome for line in lines)
    counts = ", ".join(f"{count:,} {outcome}" for outcome, count in outcomes.items())
    seconds = sum(line.seconds for line in lines)
    failed = [line for line in lines if line.outcome != "passed"]
    return "\n".join(
        [
            f"{len(lines):,} schedules: {counts}; {seconds / max(len(lines), 1):.1f} s each, {minutes:.0f} minutes now",
            *(
                f"  CHAOS_SEEDS={line.seed} {line.crm} {line.database}: {line.broken or 'see the text'}"
                for line in failed
            ),
        ]
    )


def main() -> int:
    """Run the remaining schedules and print a summary of all."""
    schedules, workers, began = int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "4", time.monotonic()
    FOLDER.mkdir(exist_ok=True)
    left = list(wanted(schedules, told()))
    if left:
        run(left, schedules, workers)
    lines = told()
    sys.stdout.write(summary(lines, (time.monotonic() - began) / 60) + "\n")
    return int(len(lines) < schedules or any(line.outcome != "passed" for line in lines))


if __name__ == "__main__":
    sys.exit(main())
