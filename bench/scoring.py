"""Times scoring made-up leads, compared with a plain Python loop and with only reading the columns.

    python -m bench.scoring [--leads 300000] [--folder DIR] [--only cards]

The same leads are scored with a plain card, with one that has every new option, and with accounts.

Each step runs in a separate process, to measure its time and peak memory. The loop is measured on a sample of leads
and extrapolated; its rows are already decoded, and its CSV is discarded.
"""

import argparse
import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import polars as pl

from bench.cards import newest, scorecard, with_accounts
from bench.data import (
    ACTIVITIES_PER_LEAD,
    AS_OF,
    accounts_of,
    write_accounts,
    write_activities,
    write_deals,
    write_leads,
)
from bench.loop import Loop, parse
from commands.score import command
from scoring import Scorecard, Scorer, touchpoints

SAMPLE = 500
COLUMNS = ["lead_id", "id", "kind", "occurred_at", "url", "name", "seconds"]
CARDS = {"card.yaml": scorecard, "newest.yaml": newest, "accounts.yaml": with_accounts}
MORE: dict[str, tuple[str, ...]] = {
    "newest.yaml": ("deals",),
    "accounts.yaml": ("deals", "accounts", "accounts-out", "accounts-explain"),
}
"""What a card needs beside leads and activities."""
MOST = {"newest.yaml": 1.5, "accounts.yaml": 1.6}
"""How many times the CPU time of the plain card a card may take."""


def write_inputs(folder: Path, leads: int) -> None:
    """Write leads, accounts, deals and activities, unless they exist, and the scorecards."""
    if not (folder / "activities.parquet").exists():
        write_leads(folder / "leads.parquet", leads)
        write_accounts(folder / "accounts.parquet", leads)
        write_deals(folder / "deals.parquet", leads)
        write_activities(folder / "activities.parquet", leads)
    for name, card in CARDS.items():
        (folder / name).write_text(json.dumps(card()))


def run_job(folder: Path, card: str = "card.yaml") -> None:
    files = ("leads", "activities", "out", "explain", *MORE.get(card, ()))
    given = [word for name in files for word in (f"--{name}", str(folder / f"{name}.parquet"))]
    command.main([*given, "--scorecard", str(folder / card), "--as-of", AS_OF], standalone_mode=False)


def run_scan(folder: Path) -> None:
    """Read every column that the job reads, and nothing else."""
    for name, columns in (("leads", ["id", *scorecard()["fields"]]), ("activities", COLUMNS)):
        for batch in pl.scan_parquet(folder / f"{name}.parquet").select(columns).collect_batches():
            batch.height  # noqa: B018 - reading is the work


def measure_loop(folder: Path, leads: int) -> float:
    """Return how long the plain loop takes for all leads, extrapolated from a sample."""
    wanted = pl.scan_parquet(folder / "leads.parquet").gather_every(max(1, leads // SAMPLE)).collect()
    found = pl.scan_parquet(folder / "activities.parquet").filter(pl.col("lead_id").is_in(wanted["id"].implode()))
    rows = found.select(COLUMNS).collect().rename({"occurred_at": "at"})
    people = wanted.with_columns(pl.col(pl.String).str.to_lowercase())
    start = time.perf_counter()
    histories: dict[str, list[dict[str, Any]]] = {lead: [] for lead in wanted["id"]}
    for row in rows.iter_rows(named=True):
        histories[row["lead_id"]].append(row)
    loop = Loop(scorecard(), parse(AS_OF))
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        writer = csv.writer(nowhere)
        for person in people.iter_rows(named=True):
            result, lines = loop.score(person, histories[person["id"]])
            writer.writerow([person["id"], *result.values()])
            writer.writerows([person["id"], *line] for line in lines)
    return (time.perf_counter() - start) / wanted.height * leads


def measure_one_lead(folder: Path) -> float:
    """Return the median seconds for one lead with typical history, in a running process."""
    leads = pl.scan_parquet(folder / "leads.parquet").head(60).collect().rename({"id": "lead"})
    rows = pl.scan_parquet(folder / "activities.parquet").filter(pl.col("lead_id").is_in(leads["lead"].implode()))
    activities = rows.collect().rename({"lead_id": "lead"})
    scorer, moment, taken = Scorer(Scorecard.model_validate(scorecard())), parse(AS_OF), []
    for number in range(leads.height):
        lead = leads[number : number + 1]
        numbered, places = touchpoints(activities.filter(pl.col("lead") == lead["lead"][0]))
        start = time.perf_counter()
        scorer.score(lead, numbered, scorer.touchpoints(places), moment, explain=True)
        taken.append(time.perf_counter() - start)
    return sorted(taken)[len(taken) // 2]


def measured(step: str, folder: Path, *more: str) -> tuple[float, float, float]:
    """Run one step in a separate process; return its seconds, its CPU seconds and its peak memory in GB."""
    start = time.perf_counter()
    found = subprocess.run(
        [sys.executable, "-m", "bench.scoring", "--step", step, "--folder", str(folder), *more],
        check=True,
        capture_output=True,
        text=True,
    )
    cpu, memory = map(float, found.stdout.split()[-2:])
    return time.perf_counter() - start, cpu, memory


def by_rules(folder: Path) -> list[tuple[int, float]]:
    """Return how long the job takes with a quarter, half and all of the rules."""
    taken = []
    for share in (4, 2, 1):
        (folder / "fewer.yaml").write_text(json.dumps(scorecard(20 // share, 40 // share)))
        taken.append((60 // share, measured("job", folder, "--card", "fewer.yaml")[0]))
    return taken


def report(folder: Path, leads: int, *, cards_only: bool) -> None:
    whole = folder / str(leads)
    whole.mkdir(parents=True, exist_ok=True)
    write_inputs(whole, leads)
    if cards_only:
        by_card(whole, leads)
        return
    scan, *_ = measured("scan", whole)
    job, memory = by_card(whole, leads)
    loop = measure_loop(whole, leads)
    rows = leads * ACTIVITIES_PER_LEAD
    print(f"job: {leads:,} leads, {rows:,} activities, 60 rules, explained, Parquet in and out: {job:.1f} s")
    print(f"peak memory of the job: {memory:.2f} GB (under 2.5)")
    print(f"plain Python loop: {loop:.0f} s (from {SAMPLE} leads): {loop / job:.0f} x the job (at least 40)")
    print(f"bare scan of the columns: {scan:.2f} s: the job is {job / scan:.0f} x the scan (at most 60)")
    print(f"one lead in a running process: {measure_one_lead(whole) * 1000:.0f} ms (under 30)")
    growth(folder, leads, job)


def by_card(folder: Path, leads: int) -> tuple[float, float]:
    """Print what each card takes; return the seconds and the memory of the plain one."""
    taken = {card: measured("job", folder, "--card", card) for card in CARDS}
    seconds, plain, memory = taken["card.yaml"]
    print(f"{leads:,} leads with {accounts_of(leads):,} accounts, by card: CPU time, time, peak memory")
    for card, (clock, cpu, peak) in taken.items():
        most = f": {cpu / plain:.2f} x the plain card (at most {MOST[card]})" if card in MOST else ""
        print(f"  {card.removesuffix('.yaml')}: {cpu:.1f} s CPU, {clock:.1f} s, {peak:.2f} GB{most}")
    return seconds, memory


def growth(folder: Path, leads: int, job: float) -> None:
    """Print how time grows with leads and with rules."""
    smaller = [size for size in (10_000, 100_000) if size < leads]
    for size in smaller:
        part = folder / str(size)
        part.mkdir(exist_ok=True)
        write_inputs(part, size)
        seconds, *_ = measured("job", part)
        each, whole = seconds / size * 1e6, job / leads * 1e6
        print(f"{size:,} leads: {seconds:.1f} s ({each:.0f} s per million; the whole job {whole:.0f})")
    few = smaller[-1] if smaller else leads
    rules = ", ".join(f"{count} rules {seconds:.1f} s" for count, seconds in by_rules(folder / str(few)))
    print(f"{few:,} leads by rules: {rules}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=300_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--card", default="card.yaml")
    parser.add_argument("--step", choices=["job", "scan"])
    parser.add_argument("--only", choices=["cards"], help="compare only the cards with each other")
    given = parser.parse_args()
    if given.step:
        run_job(given.folder, given.card) if given.step == "job" else run_scan(given.folder)
        used = resource.getrusage(resource.RUSAGE_SELF)
        print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024 / 1024)
        return
    with nullcontext(given.folder) if given.folder else tempfile.TemporaryDirectory() as folder:
        report(Path(folder), given.leads, cards_only=given.only == "cards")


if __name__ == "__main__":
    main()
