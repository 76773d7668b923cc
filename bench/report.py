"""Times `leadgauge report`: `python -m bench.report [LEADS] [URL]` prints one line.

Fills a database with leads that were written to once a month for half a year, with conversions and touches, and makes
the report in a process of its own. Without a URL, it uses an SQLite file in a temporary folder. Only the leads in the
sample of the rules have activities besides: 20 each.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import orjson
import polars as pl
from ruamel.yaml import YAML

import config
from config import load_settings
from pipeline.job import opened
from pipeline.lease import leased
from store.sql import bulk
from store.sql.database import micros
from store.sql.schema import activities, leads, outcomes, results, touchpoints, writes
from watch.report import report
from watch.sample import SIZE

WRITES = 6
CHUNK = 20_000
NOW = datetime.now(UTC)
GRADES, STAGES, PRIORITIES = ["A", "B", "C", "D"], ["Unaware", "Aware", "Ready"], ["P1", "P2", "P3", "P4"]


def settings_file(folder: Path, database: str) -> Path:
    """Write the settings and the scorecard that ship."""
    shipped, yaml, file = Path(config.__file__).parent, YAML(), folder / "leadgauge.yaml"
    settings = yaml.load(shipped / "leadgauge-hubspot.yaml")
    settings["database"] = database
    settings["connections"]["main"] |= {"outputs": "all", "capacity": 500, "report": {"promise": "4h"}}
    (folder / "b2b-saas.yaml").write_bytes((shipped / "b2b-saas.yaml").read_bytes())
    yaml.dump(settings, file)
    return file


def fill(file: Path, count: int) -> None:
    """Store leads with their writes, conversions and touches, straight into the tables."""
    rng = np.random.default_rng(7)
    with opened(load_settings(file), None, offline=True) as job, leased(job, "bench") as lease:
        box, connection = job.scorecards[0].outbox, job.mirror._id  # noqa: SLF001 - the store has no reason to be filled so
        places = pl.DataFrame({"touchpoint": [1, 2], "digest": ["a", "b"], "kind": ["page_view", "call"]})
        lease.write(connection, lambda tx: bulk.upsert(tx.sql, touchpoints, bulk.owned(places, connection=connection)))
        sampled = SIZE * 256 // max(count, SIZE)
        for start in range(0, count, CHUNK):
            ids = [str(10_000_000 + number) for number in range(start, min(start + CHUNK, count))]
            tables = list(rows(ids, rng, connection, box._id, sampled))  # noqa: SLF001 - as above
            lease.write(connection, lambda tx, tables=tables: [bulk.upsert(tx.sql, *one) for one in tables])


def rows(ids: list[str], rng: np.random.Generator, connection: int, outbox: int, sampled: int) -> Iterator[tuple]:
    """Yield tables with their rows for some leads."""
    created = NOW - timedelta(days=300)
    people = bulk.keyed(pl.DataFrame({"lead": ids}), connection=connection)
    yield leads, people.with_columns(created_at=pl.lit(micros(created)), fields=pl.lit("{}"), first_seen=pl.lit(1))
    told = [values(rng, len(ids)) for _ in range(WRITES)]
    key = bulk.keyed(pl.DataFrame({"lead": ids}), outbox=outbox)
    for number in range(WRITES):
        at = micros(NOW - timedelta(days=30 * (WRITES - number) - 1))
        before = told[number - 1] if number else [{}] * len(ids)
        columns = {"before": map(dumped, before), "after": map(dumped, told[number])}
        fixed = {"change": number + 1, "written_at": at, "run": number + 1}
        named = {"causes": "activity" if number else "first"}
        texts = key.with_columns(**{name: pl.Series(list(one)) for name, one in columns.items()})
        yield writes, texts.with_columns(**{name: pl.lit(one) for name, one in (fixed | named).items()})
    last = pl.DataFrame(told[-1]).rename(lambda name: f"told_{name}")
    yield results, key.hstack(last).with_columns(told_at=pl.lit(micros(NOW)), causes=pl.lit(""))
    won = people.filter(pl.Series(rng.random(len(ids)) < 0.05)).select("connection", "lead")
    moments = pl.Series(micros(created) + rng.integers(60, 300, len(won)) * 86_400_000_000)
    yield outcomes, won.with_columns(id=pl.lit("x"), outcome=pl.lit("won"), occurred_at=moments)
    yield activities, acted(people, rng, sampled)


def values(rng: np.random.Generator, count: int) -> list[dict[str, object]]:
    """Return what was written to each lead."""
    scores, drawn = rng.integers(0, 101, count), rng.integers(0, 12, (3, count))
    return [
        {
            "lead_score": int(score),
            "lead_priority": PRIORITIES[min(3, int(one) // 2)],
            "lead_grade": GRADES[int(two) % 4],
            "lead_readiness": STAGES[int(three) % 3],
            "lead_priority_index": int(score),
        }
        for score, one, two, three in zip(scores, *drawn, strict=True)
    ]


def dumped(value: dict[str, object]) -> str:
    return orjson.dumps(value).decode()


def acted(people: pl.DataFrame, rng: np.random.Generator, sampled: int) -> pl.DataFrame:
    """Return a call for every tenth lead, and page views of those in the sample."""
    called = people.gather_every(10).with_columns(id=pl.lit("call:1"), touchpoint=pl.lit(2), days=pl.lit(20))
    viewed = people.filter(pl.col("bucket") < sampled).with_columns(touchpoint=pl.lit(1))
    views = [viewed.with_columns(id=pl.lit(f"page:{one}"), days=pl.lit(int(rng.integers(1, 250)))) for one in range(20)]
    names = ["connection", "bucket", "lead", "id", "touchpoint", "days"]
    both = pl.concat([part.select(names) for part in (called, *views)])
    at = micros(NOW) - pl.col("days").cast(pl.Int64) * 86_400_000_000
    return both.with_columns(occurred_at=at).drop("days")


def make(file: Path) -> None:
    """Make the report, and print what it took."""
    begun, cpu = time.monotonic(), time.process_time()
    with opened(load_settings(file), None, offline=True) as job:
        made = report(job, job.scorecards[0], NOW)
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{made.leads:,} leads, {made.leads * WRITES:,} writes: {time.monotonic() - begun:.0f} s,"
        f" {time.process_time() - cpu:.0f} s of CPU, {used:,.0f} MB; {len(made.findings)} findings"
    )


def main() -> None:
    if sys.argv[1:2] == ["--made"]:
        make(Path(sys.argv[2]))
        return
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    os.environ.setdefault("HUBSPOT_TOKEN", "unused")
    with tempfile.TemporaryDirectory() as folder:
        database = sys.argv[2] if len(sys.argv) > 2 else f"sqlite:///{folder}/leadgauge.db"
        file = settings_file(Path(folder), database)
        fill(file, count)
        subprocess.run([sys.executable, "-m", "bench.report", "--made", str(file)], check=True)


if __name__ == "__main__":
    main()
