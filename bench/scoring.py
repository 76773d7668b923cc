"""Times scoring made-up leads, compared with a plain Python loop and with only reading the columns.

    python -m bench.scoring [--leads 1000000] [--folder DIR]

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
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from bench.loop import Loop, parse
from commands.score import command
from scoring import Scorecard, Scorer, touchpoints

AS_OF = "2026-11-22T12:00:00Z"
ACTIVITIES_PER_LEAD = 20
BATCH = 100_000
KINDS = [
    "page_view", "email_open", "email_click", "form_submit", "content_download", "webinar_register", "webinar_attend",
    "event_attend", "demo_request", "pricing_request", "product_use", "chat", "call", "meeting", "sales_email",
    "unsubscribe",
]  # fmt: skip
COMMONNESS = [40, 20, 8, 3, 4, 2, 2, 1, 0.5, 0.5, 8, 2, 3, 1, 4, 0.5]
PAGES = ["pricing", "blog", "careers", "docs", "product", "customers", "security", "integrations"]
TITLES = ["Chief Technology Officer", "VP Sales", "Head of Marketing", "Engineer", "Analyst", "Founder", None]
INDUSTRIES = ["Software", "SaaS", "Finance", "Retail", "IT services", "Health", None]
COUNTRIES = ["DE", "FR", "NL", "GB", "US", "NO", "JP", None]


def write_leads(path: Path, leads: int) -> None:
    rng = np.random.default_rng(1)
    pick = lambda values: pl.Series(values, dtype=pl.String).gather(rng.integers(0, len(values), leads))  # noqa: E731 - three columns alike
    pl.DataFrame(
        {
            "id": pl.int_range(leads, eager=True).cast(pl.String).str.zfill(9),
            "job_title": pick(TITLES),
            "industry": pick(INDUSTRIES),
            "country": pick(COUNTRIES),
            "employees": np.round(rng.lognormal(4, 2, leads)),
            "budget": np.round(rng.lognormal(9, 1.5, leads)),
            "is_student": rng.random(leads) < 0.05,
        }
    ).write_parquet(path, compression="zstd")


def write_activities(path: Path, leads: int) -> None:
    """Write the activities in chronological order, like an export."""
    rng = np.random.default_rng(2)
    urls = pl.Series([f"https://example.com/{page}/{number}" for page in PAGES for number in range(250)])
    assets = pl.Series([f"Asset {number}" for number in range(300)])
    total, start = leads * ACTIVITIES_PER_LEAD, int(np.datetime64("2025-10-01", "us").astype(int))
    step = (int(np.datetime64("2026-11-22T12", "us").astype(int)) - start) // total
    share = np.array(COMMONNESS) / sum(COMMONNESS)
    writer: pq.ParquetWriter | None = None
    for first in range(0, total, BATCH * 10):
        rows = min(BATCH * 10, total - first)
        kind = rng.choice(len(KINDS), rows, p=share)
        visit = kind == 0
        frame = pl.DataFrame(
            {
                "lead_id": pl.Series((leads * rng.random(rows) ** 1.5).astype(np.int64)).cast(pl.String).str.zfill(9),
                "id": pl.select("event:" + pl.int_range(first, first + rows).cast(pl.String)).to_series(),
                "kind": pl.Series(KINDS).gather(kind),
                "occurred_at": pl.Series(start + step * np.arange(first, first + rows)).cast(pl.Datetime("us", "UTC")),
                "url": urls.gather(rng.integers(0, len(urls), rows)).set(pl.Series(~visit), None),
                "name": assets.gather(rng.integers(0, len(assets), rows)).set(pl.Series(visit), None),
                "seconds": pl.Series(np.round(rng.exponential(60, rows))).set(pl.Series(~visit), None),
                "value": pl.Series(np.zeros(rows)).set(pl.Series(rng.random(rows) < 0.99), None),
            }
        ).to_arrow()
        writer = writer or pq.ParquetWriter(path, frame.schema, compression="zstd")
        writer.write_table(frame)
    assert writer
    writer.close()


def scorecard(lead_rules: int = 20, activity_rules: int = 40) -> dict[str, Any]:
    """Return a scorecard with this many rules, of all kinds."""
    decays = [{"half_life": "14d"}, {"lifespan": "90d"}, {"steps": {"every": "30d", "lose": "25%"}}, {}]
    extras = [{"limit": "1 per day"}, {"within": "60d"}, {"award": "once"}, {"maximum": 30}, {"limit": "3 per week"}]
    conditions = [
        *({"kind": "page_view", "url": {"contains": f"/{page}"}} for page in PAGES),
        *({"kind": kind} for kind in KINDS[1:]),
        {"kind": "page_view", "seconds": {"at_least": 90}},
        *({"kind": "content_download", "name": {"ends_with": str(number)}} for number in range(10)),
    ]
    leads = [
        {"job_title": {"matches": r"\b(chief|vp|head|director|founder)\b"}},
        {"job_title": {"contains": "engineer"}},
        {"is_student": True},
        {"employees": {"between": [5, 200]}},
        {"budget": {"at_least": 10000}},
        {"any": [{"country": ["DE", "FR"]}, {"not": {"industry": "Retail"}}]},
    ]
    fit = [{"name": f"Lead rule {n}", "lead": leads[n % len(leads)], "points": 1 + n % 7} for n in range(lead_rules)]
    engagement = [
        {"name": f"Activity rule {n}", "activity": conditions[n % len(conditions)], "points": (-1) ** n * (1 + n % 9)}
        | decays[n % 4]
        | extras[n % 5]
        for n in range(activity_rules)
    ]
    return {
        "scorecard": "bench",
        "fields": {
            "job_title": "text",
            "industry": "text",
            "country": "text",
            "employees": "number",
            "budget": "number",
            "is_student": "flag",
        },
        "score": {
            "minimum": 0,
            "maximum": 100,
            "fit": {"maximum": 40, "groups": [{"name": "Fit", "rules": fit}]},
            "engagement": {"maximum": 60, "groups": [{"name": "Engagement", "maximum": 50, "rules": engagement}]},
        },
        "grade": {
            "minimum_known": "50%",
            "profiles": [
                {
                    "name": "Everybody",
                    "criteria": [
                        {
                            "name": "Industry",
                            "weight": 3,
                            "match": {"industry": ["Software", "SaaS"]},
                            "partial": {"industry": "IT services"},
                        },
                        {"name": "Size", "weight": 2, "match": {"employees": {"between": [5, 200]}}},
                        {"name": "Country", "weight": 1, "match": {"country": ["DE", "FR", "NL", "GB", "US"]}},
                    ],
                }
            ],
        },
        "readiness": {
            "stages": [
                {"name": "Unaware"},
                {"name": "Aware", "when": {"activities": {"within": "90d"}}},
                {
                    "name": "Ready",
                    "when": {"activities": {"kind": ["demo_request", "pricing_request"], "within": "30d"}},
                },
            ],
            "urgency": [
                {
                    "is": "now",
                    "when": {"unanswered": {"kind": ["demo_request"], "by": ["call", "meeting"], "within": "7d"}},
                },
                {"is": "soon", "when": {"surge": {"at_least": 2, "points": 10}}},
            ],
        },
        "priority": {
            "matrix": {
                stage: dict(zip("ABCDF?", ["P1", "P2", "P3", "P4", "P4", "P3"], strict=True))
                for stage in ("Unaware", "Aware", "Ready")
            },
            "balance": {"fit": 40, "engagement": 30, "readiness": 30},
        },
    }


SAMPLE = 500
COLUMNS = ["lead_id", "id", "kind", "occurred_at", "url", "name", "seconds"]


def write_inputs(folder: Path, leads: int) -> None:
    """Write leads, activities and scorecard, unless they exist."""
    if not (folder / "card.yaml").exists():
        write_leads(folder / "leads.parquet", leads)
        write_activities(folder / "activities.parquet", leads)
        (folder / "card.yaml").write_text(json.dumps(scorecard()))


def run_job(folder: Path, card: str = "card.yaml") -> None:
    files = {name: str(folder / f"{name}.parquet") for name in ("leads", "activities", "out", "explain")}
    given = [word for name, path in files.items() for word in (f"--{name}", path)]
    command.main([*given, "--scorecard", str(folder / card), "--as-of", AS_OF], standalone_mode=False)


def run_scan(folder: Path) -> None:
    """Read every column that the job reads, and nothing else."""
    for name, columns in (("leads", None), ("activities", COLUMNS)):
        for batch in pl.scan_parquet(folder / f"{name}.parquet").select(columns or pl.all()).collect_batches():
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


def measured(step: str, folder: Path, *more: str) -> tuple[float, float]:
    """Run one step in a separate process; return its seconds and its peak memory in GB."""
    start = time.perf_counter()
    found = subprocess.run(
        [sys.executable, "-m", "bench.scoring", "--step", step, "--folder", str(folder), *more],
        check=True,
        capture_output=True,
        text=True,
    )
    return time.perf_counter() - start, float(found.stdout.split()[-1])


def by_rules(folder: Path) -> list[tuple[int, float]]:
    """Return how long the job takes with a quarter, half and all of the rules."""
    taken = []
    for share in (4, 2, 1):
        (folder / "fewer.yaml").write_text(json.dumps(scorecard(20 // share, 40 // share)))
        taken.append((60 // share, measured("job", folder, "--card", "fewer.yaml")[0]))
    return taken


def report(folder: Path, leads: int) -> None:
    whole = folder / str(leads)
    whole.mkdir(parents=True, exist_ok=True)
    write_inputs(whole, leads)
    scan, _ = measured("scan", whole)
    job, memory = measured("job", whole)
    loop = measure_loop(whole, leads)
    rows = leads * ACTIVITIES_PER_LEAD
    print(f"job: {leads:,} leads, {rows:,} activities, 60 rules, explained, Parquet in and out: {job:.1f} s")
    print(f"peak memory of the job: {memory:.2f} GB (under 2.5)")
    print(f"plain Python loop: {loop:.0f} s (from {SAMPLE} leads): {loop / job:.0f} x the job (at least 40)")
    print(f"bare scan of the columns: {scan:.2f} s: the job is {job / scan:.0f} x the scan (at most 60)")
    print(f"one lead in a running process: {measure_one_lead(whole) * 1000:.0f} ms (under 30)")
    growth(folder, leads, job)


def growth(folder: Path, leads: int, job: float) -> None:
    """Print how time grows with leads and with rules."""
    smaller = [size for size in (10_000, 100_000) if size < leads]
    for size in smaller:
        part = folder / str(size)
        part.mkdir(exist_ok=True)
        write_inputs(part, size)
        seconds, _ = measured("job", part)
        each, whole = seconds / size * 1e6, job / leads * 1e6
        print(f"{size:,} leads: {seconds:.1f} s ({each:.0f} s per million; the whole job {whole:.0f})")
    few = smaller[-1] if smaller else leads
    rules = ", ".join(f"{count} rules {seconds:.1f} s" for count, seconds in by_rules(folder / str(few)))
    print(f"{few:,} leads by rules: {rules}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--card", default="card.yaml")
    parser.add_argument("--step", choices=["job", "scan"])
    given = parser.parse_args()
    if given.step:
        run_job(given.folder, given.card) if given.step == "job" else run_scan(given.folder)
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024)
    elif given.folder:
        report(given.folder, given.leads)
    else:
        with tempfile.TemporaryDirectory() as folder:
            report(Path(folder), given.leads)


if __name__ == "__main__":
    main()
