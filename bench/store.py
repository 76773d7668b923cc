"""Times the store: `python -m bench.store [URL] [LEADS]` prints one line.

Saves pages of 100 leads with 2,000 activities, saves some of them again, reads all buckets, and stages results for
all leads. Without a URL, it uses an SQLite file in a temporary folder.
"""

import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import polars as pl

from store import Lease, Mirror, Outbox, Runs, Store
from vocabulary.fields import DTYPES, FieldType
from vocabulary.pages import Page
from vocabulary.rows import ACTIVITIES, LEADS

PER_PAGE = 100
VISITS = 20
START = datetime(2026, 1, 1, tzinfo=UTC)
FIELDS: dict[str, FieldType] = {"job_title": "text", "industry": "text", "employees": "number", "is_student": "flag"}


def pages(leads: int, size: int = PER_PAGE) -> Iterator[Page]:
    rng = random.Random(7)
    for first in range(0, leads, size):
        people = [str(number) for number in range(first, min(first + size, leads))]
        yield Page("contacts", {"after": first}, leads=_leads(people), activities=_activities(people, rng))


def _leads(people: list[str]) -> pl.DataFrame:
    schema = {**LEADS, **{name: DTYPES[kind] for name, kind in FIELDS.items()}}
    row = {"job_title": "Head of Sales", "industry": "Software", "employees": 120.0, "is_student": False}
    rows = [dict.fromkeys(schema) | row | {"lead": lead, "created_at": START} for lead in people]
    return pl.DataFrame(rows, schema=schema)


def _activities(people: list[str], rng: random.Random) -> pl.DataFrame:
    usual = dict.fromkeys(ACTIVITIES) | {"kind": "page_view"}
    rows = [
        usual
        | {
            "lead": lead,
            "id": f"page:{lead}:{number}",
            "url": f"https://acme.example/{rng.randrange(500)}",
            "occurred_at": START + timedelta(seconds=rng.randrange(10**7)),
            "seconds": float(rng.randrange(300)),
        }
        for lead in people
        for number in range(VISITS)
    ]
    return pl.DataFrame(rows, schema=ACTIVITIES)


def fill(mirror: Mirror, lease: Lease, leads: int, size: int = PER_PAGE) -> tuple[float, float]:
    """Save all pages; return seconds and CPU seconds, excluding making the pages."""
    wall = cpu = 0.0
    for page in pages(leads, size):
        began, busy = time.perf_counter(), time.process_time()
        mirror.save(page, lease)
        wall, cpu = wall + time.perf_counter() - began, cpu + time.process_time() - busy
    return wall, cpu


def sweep(mirror: Mirror) -> tuple[int, float]:
    began = time.perf_counter()
    rows = sum(mirror.frames(range(start, start + 32), FIELDS).activities.height for start in range(0, 256, 32))
    return rows, time.perf_counter() - began


def stage(mirror: Mirror, outbox: Outbox, runs: Runs, lease: Lease) -> float:
    run, spent = runs.start("bench", lease), 0.0
    for start in range(0, 256, 32):
        leads = mirror.frames(range(start, start + 32), {}).leads.select("lead")
        results = leads.with_columns(lead_score=pl.lit(50), lead_grade=pl.lit("B"), lead_scorecard=pl.lit("bench"))
        began = time.perf_counter()
        outbox.stage(results, run, lease, scored_at=START)
        spent += time.perf_counter() - began
    return spent


def main(url: str, leads: int) -> None:
    with Store.open(url) as store:
        lease = store.lease("bench", holder="bench", ttl=timedelta(hours=2), purpose="bench")
        mirror, outbox, runs = store.mirror("bench"), store.outbox("bench"), store.runs("bench")
        wall, cpu = fill(mirror, lease, leads)
        again, _ = fill(mirror, lease, min(leads, 2000))
        rows, swept = sweep(mirror)
        staged, restaged = stage(mirror, outbox, runs, lease), stage(mirror, outbox, runs, lease)
        count, again_count = leads / PER_PAGE, min(leads, 2000) / PER_PAGE
        print(
            f"{store!r} leads={leads} activities={rows} save_ms={wall / count * 1000:.1f} "
            f"save_cpu_ms={cpu / count * 1000:.1f} resave_ms={again / again_count * 1000:.1f} "
            f"sweep_rows_per_s={rows / swept:.0f} stage_leads_per_s={leads / staged:.0f} "
            f"restage_leads_per_s={leads / restaged:.0f} "
            f"peak_mb={resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}"
        )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        main(
            sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{folder}/bench.db",
            int(sys.argv[2]) if len(sys.argv) > 2 else 20_000,
        )
