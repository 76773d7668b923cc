"""Scores ever more leads from files, to see whether time grows with them and memory does not.

    python -m bench.scale [--leads 1000000 10000000] [--per-lead 10] [--folder DIR]

Each step runs in a process of its own and prints one line: CPU seconds of all its threads, seconds, peak memory, and
what the folder takes on disk. With --folder, data and finished steps are kept, so that a run that was stopped goes on.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from pathlib import Path

from bench.cards import scorecard
from bench.data import AS_OF, write_activities, write_leads
from commands.score import command

MB = 1024 * 1024
DONE = "steps.json"


def make(folder: Path, leads: int, per_lead: int) -> None:
    """Write leads and activities as an export would have them: activities in the order of time."""
    write_leads(folder / "leads.parquet", leads)
    write_activities(folder / "activities.parquet", leads, per_lead)
    (folder / "card.json").write_text(json.dumps(scorecard()))


def score(folder: Path, leads: int, per_lead: int) -> None:  # noqa: ARG001 - steps are called alike
    """Score them all, from files to a file."""
    given = [word for name in ("leads", "activities", "out") for word in (f"--{name}", str(folder / f"{name}.parquet"))]
    command.main([*given, "--scorecard", str(folder / "card.json"), "--as-of", AS_OF], standalone_mode=False)


STEPS: Mapping[str, Callable[[Path, int, int], None]] = {"make": make, "score": score}


def measured(step: str, folder: Path, leads: int, per_lead: int) -> dict[str, float]:
    """Do one step in a process of its own and return its figures."""
    began = time.perf_counter()
    order = [sys.executable, "-m", "bench.scale", "--step", step, "--folder", str(folder)]
    told = subprocess.run(
        [*order, "--leads", str(leads), "--per-lead", str(per_lead)], check=True, capture_output=True, text=True
    )
    cpu, memory = map(float, told.stdout.split()[-2:])
    disk = sum(file.stat().st_size for file in folder.iterdir()) / MB
    return {"cpu_s": cpu, "wall_s": time.perf_counter() - began, "peak_mb": memory, "disk_mb": disk}


def steps(folder: Path, leads: int, per_lead: int) -> dict[str, dict[str, float]]:
    """Do the steps that are not done yet, printing a line each; return the figures of all."""
    folder.mkdir(parents=True, exist_ok=True)
    done: dict[str, dict[str, float]] = json.loads((folder / DONE).read_text()) if (folder / DONE).exists() else {}
    for step in STEPS:
        if step not in done:
            done[step] = measured(step, folder, leads, per_lead)
            (folder / DONE).write_text(json.dumps(done))
        figures = " ".join(f"{name}={value:,.0f}" for name, value in done[step].items())
        print(f"step={step} leads={leads:,} activities={leads * per_lead:,} {figures}", flush=True)
    return done


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--per-lead", type=int, default=10)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--step", choices=list(STEPS))
    given = parser.parse_args()
    if given.step:
        STEPS[given.step](given.folder, given.leads[0], given.per_lead)
        used = resource.getrusage(resource.RUSAGE_SELF)
        print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
        return
    with nullcontext(given.folder) if given.folder else tempfile.TemporaryDirectory() as name:
        sizes = {leads: steps(Path(name) / str(leads), leads, given.per_lead)["score"] for leads in given.leads}
    few, many = min(sizes), max(sizes)
    times, cpu, peak = many / few, sizes[many]["cpu_s"] / sizes[few]["cpu_s"], sizes[many]["peak_mb"]
    print(f"{times:g} times the leads: {cpu:.1f} times the CPU, {peak / sizes[few]['peak_mb']:.2f} times the memory")


if __name__ == "__main__":
    main()
