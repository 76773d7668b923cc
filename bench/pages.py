"""Times the pages over many leads: `python -m bench.pages [LEADS] [CLIENTS] [PAGES]` prints a line per kind of page.

Fills an SQLite file with made-up results and a history of writes, serves the pages from a process of their own, and
asks for lists with random filters, orders and pages, for pages of leads, the overview and runs: first one client
alone, then people who each open any page every five seconds, then all clients at once without a pause. Times are those
that a client on this machine sees. Every 500th lead has activities, and its page is asked for.
"""

import os
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import numpy as np
import polars as pl
import requests
from ruamel.yaml import YAML

from commands.init import starting_files
from config import load_settings
from pipeline.compute import Chunk, scored
from pipeline.job import Job, opened
from store.sql.leases import Lease
from vocabulary.fields import KEPT
from vocabulary.pages import Page
from vocabulary.rows import ACTIVITIES, LEADS

AT_ONCE: Final = 20_000
VISITS: Final = 20
EVERY: Final = 500
LOOKS: Final = 5.0
"""Seconds that a person looks at a page."""
OPENED: Final = 8
"""How many pages a person opens."""
NOW: Final = datetime.now(UTC).replace(microsecond=0)
STAGES: Final = ("Cold", "Aware", "Engaged", "Evaluating", "Ready", "Customer")
GRADES: Final = ("A+", "A", "A-", "B+", "B", "B-", "C+", "C", "C-", "D", "F")
SORTS: Final = ("", "score", "-score", "grade", "-index", "stage", "-since", "lead", "-lead", "expires", "trend")
WRITE: Final = "INSERT INTO writes VALUES (1, ?, ?, ?, ?, ?, ?, '{}', ?)"


def settings_in(folder: Path) -> Path:
    """Write the settings of a HubSpot that is never asked, and its scorecard."""
    for name, text in starting_files("hubspot", "b2b-saas").items():
        (folder / name).write_text(text, encoding="utf-8")
    file, yaml = folder / "leadgauge.yaml", YAML()
    settings = yaml.load(file)
    settings["database"] = f"sqlite:///{folder}/bench.db"
    yaml.dump(settings, file)
    return file


def fill(job: Job, count: int) -> None:
    """Save leads, and results of them."""
    lease = job.store.lease(job.name, holder="bench", ttl=timedelta(hours=2), purpose="bench")
    job.mirror.declare(job.fields, lease, job.of_deals)
    run, rng = job.runs.start("backfill", lease), np.random.default_rng(5)
    for first in range(0, count, AT_ONCE):
        ids = [str(10**9 + number) for number in range(first, min(first + AT_ONCE, count))]
        page = Page("contacts", {"after": first}, leads=_leads(job, ids), activities=_activities(ids))
        job.mirror.save(page, lease)
        job.scorecards[0].outbox.stage(_results(ids, rng, job.scorecards[0].label), run, lease, scored_at=NOW)
    score(job, run, lease, count)


def score(job: Job, run: int, lease: Lease, count: int) -> None:
    """Compute the results of the leads whose pages are asked for, as a pass does."""
    active, ids = job.scorecards[0], [str(10**9 + number) for number in range(0, count, EVERY)]
    for own in (True, False):  # the second time, the first results are the previous ones
        found = scored(job, active, Chunk(ids), NOW, own=own).part("leads")
        active.outbox.stage(found.results, run, lease, scored_at=NOW)


def _leads(job: Job, ids: list[str]) -> pl.DataFrame:
    schema = {**LEADS, **{name: KEPT[kind] for name, kind in job.fields.items()}}
    frame = pl.DataFrame({"lead": ids}).with_columns(created_at=pl.lit(NOW - timedelta(days=300)))
    absent = [pl.lit(None, dtype).alias(name) for name, dtype in schema.items() if name not in frame.columns]
    return frame.with_columns(absent).select(*schema).cast(pl.Schema(schema))


def _activities(ids: list[str]) -> pl.DataFrame:
    some = [id_ for id_ in ids if int(id_) % EVERY == 0]
    usual = dict.fromkeys(ACTIVITIES)
    rows = [
        usual
        | {"lead": id_, "id": f"page:{id_}:{number}", "kind": "page_view", "occurred_at": NOW - timedelta(days=number)}
        | {"url": f"https://acme.example/pricing/{number}", "seconds": 40.0}
        for id_ in some
        for number in range(VISITS)
    ]
    return pl.DataFrame(rows, schema=ACTIVITIES)


def _results(ids: list[str], rng: np.random.Generator, label: str) -> pl.DataFrame:
    count = len(ids)

    def some(choices: tuple[str, ...], none: float = 0.02) -> pl.Series:
        chosen = pl.Series(choices).gather(rng.integers(0, len(choices), count))
        return chosen.set(pl.Series(rng.random(count) < none), None)

    def times(least: int, most: int) -> pl.Series:
        seconds = rng.integers(least * 86_400, most * 86_400, count)
        return pl.Series([NOW + timedelta(seconds=int(one)) for one in seconds], dtype=pl.Datetime("us", "UTC"))

    return pl.DataFrame(
        {
            "lead": ids,
            "lead_score": np.rint(rng.normal(35, 25, count)).astype(int),
            "lead_score_trend": some(("rising", "steady", "falling")),
            "lead_fit": rng.integers(0, 50, count),
            "lead_engagement": rng.integers(-10, 60, count),
            "lead_grade": some(GRADES, 0.2),
            "lead_readiness": some(STAGES),
            "lead_urgency": some(("now", "soon", "later", "none")),
            "lead_likelihood": rng.random(count) * 30,
            "lead_priority": pl.Series(("P1", "P2", "P3", "P4")).gather(rng.choice(4, count, p=[0.02, 0.08, 0.3, 0.6])),
            "lead_priority_index": rng.integers(0, 101, count),
            "lead_priority_since": times(-300, 0),
            "lead_priority_rose_at": times(-300, 0),
            "lead_expires_at": times(0, 90),
            "lead_score_status": some(("scored", "insufficient data")),
            "lead_why_now": "Asked for a demo on 24 Nov",
            "lead_next_step": "Call by 1 Dec",
            "lead_scorecard": label,
        }
    )


def write(file: Path, count: int) -> None:
    """Add a history: everybody was written 60 days ago, and a tenth of them moved in the last days."""
    sql = sqlite3.connect(file)
    leads = sql.execute("SELECT bucket, lead FROM results").fetchall()
    past, rng = _micros(NOW - timedelta(days=60)), random.Random(3)
    sql.execute("UPDATE runs SET started_at = ?, finished_at = ?", (past, past))
    names = [row[1] for row in sql.execute("PRAGMA table_info(runs)")]
    copied = ", ".join({"run": "2", "started_at": "?", "finished_at": "?"}.get(name, name) for name in names)
    sql.execute(f"INSERT INTO runs SELECT {copied} FROM runs", (_micros(NOW), _micros(NOW)))
    first = '{"lead_priority": "P3", "lead_score": 20}'
    sql.executemany(WRITE, ((bucket, lead, 1, past, 1, "first", first) for bucket, lead in leads))
    moved = rng.sample(leads, count // 10)
    since = [_micros(NOW - timedelta(hours=rng.randrange(24 * 20))) for _ in moved]
    after = '{"lead_priority": "P2"}'
    rows = zip(moved, since, strict=True)
    sql.executemany(WRITE, ((bucket, lead, 2, at, 2, "activity", after) for (bucket, lead), at in rows))
    sql.commit()
    sql.close()


def _micros(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000)


@contextmanager
def serving(settings: Path) -> Iterator[tuple[str, int]]:
    """Serve the pages from a process of their own; yield their address and its id."""
    words = [sys.executable, "worker.py", "pages", "--port", "0", "--settings", str(settings)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            found = re.search(r"http://\S+", process.stdout.readline())
            assert found
            yield found[0].rstrip("/"), process.pid
        finally:
            process.terminate()


def a_list(rng: random.Random, _: int) -> str:
    """Return the address of a list."""
    maybe: list[tuple[str, Any]] = [
        ("priority", rng.choice(("P1", "P2", "P3", "P4"))),
        ("grade", rng.choice((*GRADES, "?"))),
        ("stage", rng.choice(STAGES)),
        ("score_min", rng.randrange(80)),
        ("likelihood_max", rng.randrange(5, 30)),
        ("since", rng.choice(("7d", "30d"))),
        ("expires", rng.choice(("7d", "30d"))),
        ("moved", rng.choice(("1d", "7d"))),
        ("tenth", rng.randrange(1, 11)),
    ]
    query = rng.sample(maybe, rng.randrange(4))
    more = [("sort", rng.choice(SORTS)), ("page", rng.choice((1, 1, 2, 7, 100, 5000)))]
    return "/crm/main/leads?" + urlencode([pair for pair in [*query, *more] if pair[1] != ""])


def a_lead(rng: random.Random, count: int) -> str:
    """Return the address of the page of a lead that has activities."""
    return f"/crm/main/leads/{10**9 + EVERY * rng.randrange(count // EVERY)}"


def an_overview(_rng: random.Random, _count: int) -> str:
    """Return the address of the overview; what moved is counted in the background meanwhile."""
    return "/"


def a_run(rng: random.Random, _: int) -> str:
    """Return the address of the list of runs, or of a run."""
    return rng.choice(("/crm/main/runs", "/crm/main/runs/1", "/crm/main/runs/2"))


Address = Callable[[random.Random, int], str]
PAGES: Final[Mapping[str, Address]] = {"list": a_list, "lead": a_lead, "overview": an_overview, "run": a_run}


def people(url: str, count: int, clients: int) -> list[float]:
    """Return the milliseconds of each page, opened by people who look at it for a while."""

    def person(number: int) -> list[float]:
        rng, taken = random.Random(1000 + number), []
        with requests.Session() as session:
            time.sleep(LOOKS * rng.random())
            for _ in range(OPENED):
                address, began = rng.choice(list(PAGES.values())), time.perf_counter()
                session.get(url + address(rng, count), timeout=60).raise_for_status()
                taken.append(1000 * (time.perf_counter() - began))
                time.sleep(max(0.0, LOOKS * (0.5 + rng.random()) - taken[-1] / 1000))
        return taken

    with ThreadPoolExecutor(clients) as pool:
        return [one for taken in pool.map(person, range(clients)) for one in taken]


def timed(url: str, address: Address, count: int, clients: int, pages: int) -> list[float]:
    """Return the milliseconds of each page, asked for by clients at once."""

    def client(number: int) -> list[float]:
        rng, taken = random.Random(number), []
        with requests.Session() as session:
            for _ in range(pages):
                began = time.perf_counter()
                session.get(url + address(rng, count), timeout=60).raise_for_status()
                taken.append(1000 * (time.perf_counter() - began))
        return taken

    with ThreadPoolExecutor(clients) as pool:
        return [one for taken in pool.map(client, range(clients)) for one in taken]


def memory(pid: int) -> str:
    """Return the memory of a process now and at most, in MB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    held, most = (int(re.findall(rf"{name}:\s+(\d+)", status)[0]) // 1024 for name in ("VmRSS", "VmHWM"))
    return f"memory_mb={held} peak_mb={most}"


def busy(pid: int) -> float:
    """Return the CPU time that a process has taken, in milliseconds."""
    user, system = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[11:13]
    return 1000 * (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def main(count: int, clients: int, pages: int) -> None:
    """Fill, serve, ask and print."""
    with tempfile.TemporaryDirectory() as folder:
        settings = settings_in(Path(folder))
        with opened(load_settings(settings), "main", offline=True) as job:
            fill(job, count)
        write(Path(folder) / "bench.db", count)
        with serving(settings) as (url, pid):
            began = time.perf_counter()
            requests.get(f"{url}/crm/main/leads", timeout=600).raise_for_status()
            print(f"leads={count} first_page_s={time.perf_counter() - began:.1f} {memory(pid)}")
            for name, address in PAGES.items():
                told(f"{name}: clients=1", pid, lambda address=address: timed(url, address, count, 1, 4 * pages))
            told(f"people={clients}", pid, lambda: people(url, count, clients))
            for name, address in PAGES.items():
                asked = f"{name}: clients={clients}"
                told(asked, pid, lambda address=address: timed(url, address, count, clients, pages))


def told(what: str, pid: int, asking: Callable[[], list[float]]) -> None:
    """Ask, and print how long it took."""
    before = busy(pid)
    taken = sorted(asking())
    cpu = (busy(pid) - before) / len(taken)
    middle, high = (taken[int(share * len(taken))] for share in (0.5, 0.95))
    print(
        f"{what} pages={len(taken)} p50_ms={middle:.0f} p95_ms={high:.0f} max_ms={taken[-1]:.0f} cpu_ms={cpu:.0f} "
        f"{memory(pid)}",
        flush=True,
    )


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*given, *(1_000_000, 20, 25)[len(given) :])
