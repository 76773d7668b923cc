"""Times marking machine traffic: `python -m bench.machine_traffic [URL] [LEADS]` prints one line.

Half of the leads, and then all of them, are marked from the start, each with 20 activities; then 1 in 100 has something
new. Without a URL, it uses an SQLite file in a temporary folder.
"""

import resource
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import polars as pl

from pipeline.marking import BATCH, judged
from scoring.machine_traffic import VERSION, scans
from store import Lease, Mirror, Store
from store.mirror.marking import Marked
from vocabulary.pages import Page
from vocabulary.rows import ACTIVITIES, LEADS

NOW: Final = datetime(2026, 11, 30, 12, 0, 0, 500_000, tzinfo=UTC)
EACH: Final = 20
PER_PAGE: Final = 5000
KINDS: Final = ("email_open", "email_click", "page_view")


def page(first: int, count: int, rng: np.random.Generator, prefix: str = "email") -> Page:
    """Return leads with what they did: a third each of opens, clicks and page views, one in ten right after sending."""
    people = [str(number) for number in range(first, first + count)]
    rows = count * EACH
    late = np.where(rng.random(rows) < 0.1, rng.integers(1, 9, rows), rng.integers(60, 90_000, rows))
    sent = rng.integers(0, 15_000_000, rows)
    at = pl.Series(sent + late).cast(pl.Int64) * 1_000_000
    start = pl.lit(NOW - timedelta(days=180))
    link = pl.Series(rng.integers(0, 200, rows)).cast(pl.String)
    frame = pl.DataFrame({"lead": np.repeat(people, EACH), "n": np.tile(np.arange(EACH), count), "mail": sent})
    did = frame.select(
        "lead",
        address=pl.lit(None, pl.String),
        id=pl.lit(f"{prefix}:") + pl.col("lead") + ":" + pl.col("n").cast(pl.String),
        kind=pl.Series(KINDS).gather(pl.Series(rng.integers(0, 3, rows))),
        occurred_at=start + at.cast(pl.Duration("us")),
        url=pl.lit("https://acme.example/") + link,
        name=pl.lit("News"),
        seconds=pl.lit(None, pl.Float64),
        value=pl.lit(None, pl.Float64),
        mail=pl.col("mail").cast(pl.Int64),
        sent_at=start + pl.Series(sent * 1_000_000).cast(pl.Duration("us")),
        mail_domain=pl.col("lead").str.len_chars().cast(pl.Int64),
    )
    leads = pl.DataFrame([{**dict.fromkeys(LEADS), "lead": one} for one in people], LEADS)
    return Page("contacts", {"after": first}, leads=leads, activities=did.select(*ACTIVITIES).cast(ACTIVITIES))


def mark(mirror: Mirror, lease: Lease) -> tuple[Marked, float]:
    """Mark whoever waits; return what changed and how many seconds it took."""
    began, done = time.perf_counter(), Marked()
    while given := mirror.to_mark(BATCH):
        done += mirror.save_marks(given, judged(given), lease, NOW, lambda sums: sums.filter(scans()))
    return done, time.perf_counter() - began


def main(url: str | None = None, leads: int = 40_000) -> None:
    """Fill, mark, and print."""
    rng = np.random.default_rng(7)
    with tempfile.TemporaryDirectory() as folder, Store.open(url or f"sqlite:///{folder}/bench.db") as store:
        mirror, lease = store.mirror("bench"), store.lease("bench", holder="bench", ttl=timedelta(hours=1), purpose="b")
        store.outbox("bench")
        mirror.begin_marking(VERSION, lease)
        told = []
        for first in range(0, leads, leads // 2):
            for start in range(first, first + leads // 2, PER_PAGE):
                mirror.save(page(start, min(PER_PAGE, first + leads // 2 - start), rng), lease)
            mirror.begin_marking(VERSION + 1 + len(told), lease)
            told.append(mark(mirror, lease))
        mirror.save(page(0, leads // 100, rng, "more"), lease)
        some, soon = mark(mirror, lease)
    (half, took), (whole, longer) = told
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{half.leads:,} leads with {half.leads * EACH:,} activities: {took:.1f} s;"
        f" {whole.leads:,} leads: {longer:.1f} s ({1e6 * longer / whole.leads / EACH:.1f} µs an activity,"
        f" {whole.marked + half.marked:,} marks);"
        f" {some.leads:,} changed leads: {soon:.2f} s; peak {memory} MB"
    )


if __name__ == "__main__":
    main(*sys.argv[1:2], *map(int, sys.argv[2:3]))
