"""Scores ever more leads, from files or through the store, to see whether time grows with them and memory does not.

    python -m bench.scale [--leads 1000000 10000000] [--per-lead 10] [--folder DIR] [--through files|sqlite|URL]

Each step runs in a process of its own and prints one line: CPU seconds of all its threads, seconds, peak memory, and
what it leaves on disk; CPU and memory are this process's, without those of PostgreSQL. With --folder, data and finished
steps are kept, so that a run that was stopped goes on. A URL names a database of PostgreSQL; it is emptied first.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from bench.cards import scorecard
from bench.data import AS_OF, write_activities, write_leads
from bench.refresh import BEGIN, Sweeper, made, pages
from commands.score import command
from scoring import Scorecard
from store import Store

MB = 1024 * 1024
DONE = "steps.json"


@dataclass(frozen=True, slots=True)
class Size:
    """What is made and where: the folder, and the URL of the store if it goes through one."""

    folder: Path
    leads: int
    per_lead: int
    url: str


def make(size: Size) -> None:
    """Write leads and activities as an export would have them: activities in the order of time."""
    write_leads(size.folder / "leads.parquet", size.leads)
    write_activities(size.folder / "activities.parquet", size.leads, size.per_lead)
    (size.folder / "card.json").write_text(json.dumps(scorecard()))


def score(size: Size) -> None:
    """Score them all, from files to a file."""
    files = {name: str(size.folder / f"{name}.parquet") for name in ("leads", "activities", "out")}
    given = [word for name, file in files.items() for word in (f"--{name}", file)]
    card = str(size.folder / "card.json")
    command.main([*given, "--scorecard", card, "--as-of", AS_OF], standalone_mode=False)


def make_pages(size: Size) -> None:
    """Write them in the order in which a CRM would list them."""
    made(size.folder, size.leads, size.per_lead)


def fill(size: Size) -> None:
    """Save all pages in the mirror of an empty store."""
    card = Scorecard.model_validate(scorecard())
    empty(size.url)
    with Store.open(size.url) as store:
        lease = store.lease("bench", holder="bench", ttl=timedelta(hours=12), purpose="bench")
        mirror = store.mirror("bench")
        mirror.declare(card.fields, lease)
        for page in pages(size.folder, card, size.leads):
            mirror.save(page, lease)
        lease.release()


def backfill(size: Size) -> None:
    """Score everybody for the first time, and write them all."""
    with sweeping(size) as sweeper:
        require(sweeper.sweep_everybody(BEGIN) == size.leads, "not everybody was written")


def refresh(size: Size) -> None:
    """Score those whom a night alone may have changed."""
    with sweeping(size) as sweeper:
        at = BEGIN + timedelta(days=1)
        sweeper.sweep(sweeper.outbox.due(at), at)


def sweep(size: Size) -> None:
    """Score everybody a night later, at the same time as `refresh`: nothing may be left to write."""
    with sweeping(size) as sweeper:
        require(sweeper.sweep_everybody(BEGIN + timedelta(days=1)) == 0, "the refresh left something out")


@contextmanager
def sweeping(size: Size) -> Iterator[Sweeper]:
    """Open the store."""
    with Store.open(size.url) as store:
        lease = store.lease("bench", holder="bench", ttl=timedelta(hours=12), purpose="bench")
        yield Sweeper(store, lease, Scorecard.model_validate(scorecard()), "")
        lease.release()


def require(holds: bool, otherwise: str) -> None:  # noqa: FBT001 - a condition
    """Stop if a step did not do what it should."""
    if not holds:
        raise SystemExit(otherwise)


def empty(url: str) -> None:
    """Remove what a run that was stopped left in the store."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        for file in Path(str(address.database)).parent.glob(Path(str(address.database)).name + "*"):
            file.unlink()
        return
    with create_engine(address, isolation_level="AUTOCOMMIT").connect() as sql:
        sql.execute(text("drop schema public cascade"))
        sql.execute(text("create schema public"))


def on_disk(size: Size) -> float:
    """Return how many MB the folder and the database take."""
    found = sum(file.stat().st_size for file in size.folder.iterdir()) / MB
    if not size.url.startswith("postgresql"):
        return found
    with create_engine(make_url(size.url)).connect() as sql:
        return found + int(sql.execute(text("select pg_database_size(current_database())")).scalar_one()) / MB


Step = Callable[[Size], None]
FROM_FILES: Mapping[str, Step] = {"make": make, "score": score}
THROUGH_STORE: Mapping[str, Step] = {
    "make": make_pages,
    "fill": fill,
    "backfill": backfill,
    "refresh": refresh,
    "sweep": sweep,
}


def measured(step: str, size: Size) -> dict[str, float]:
    """Do one step in a process of its own and return its figures."""
    began = time.perf_counter()
    order = [sys.executable, "-m", "bench.scale", "--step", step, "--folder", str(size.folder)]
    sizes = ["--leads", str(size.leads), "--per-lead", str(size.per_lead), "--through", size.url or "files"]
    told = subprocess.run([*order, *sizes], check=True, stdout=subprocess.PIPE, text=True)
    cpu, memory = map(float, told.stdout.split()[-2:])
    return {"cpu_s": cpu, "wall_s": time.perf_counter() - began, "peak_mb": memory, "disk_mb": on_disk(size)}


def steps(size: Size) -> dict[str, dict[str, float]]:
    """Do the steps that are not done yet, printing a line each; return the figures of all."""
    size.folder.mkdir(parents=True, exist_ok=True)
    file = size.folder / DONE
    done: dict[str, dict[str, float]] = json.loads(file.read_text()) if file.exists() else {}
    for step in THROUGH_STORE if size.url else FROM_FILES:
        if step not in done:
            done[step] = measured(step, size)
            file.write_text(json.dumps(done))
        figures = " ".join(f"{name}={value:,.0f}" for name, value in done[step].items())
        through = make_url(size.url).get_backend_name() if size.url else "files"
        counts = f"leads={size.leads:,} activities={size.leads * size.per_lead:,}"
        print(f"through={through} step={step} {counts} {figures}", flush=True)
    return done


def compared(sizes: Mapping[int, Mapping[str, Mapping[str, float]]]) -> None:
    """Print for each step how CPU and memory grow with the leads."""
    few, many = min(sizes), max(sizes)
    for step in sizes[few]:
        cpu, memory = (sizes[many][step][name] / sizes[few][step][name] for name in ("cpu_s", "peak_mb"))
        print(f"step={step} {many / few:g} times the leads: {cpu:.1f} times the CPU, {memory:.2f} times the memory")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--leads", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--per-lead", type=int, default=10)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--through", default="files")
    parser.add_argument("--step", choices=[*FROM_FILES, *THROUGH_STORE])
    given = parser.parse_args()
    if given.step:
        url = "" if given.through == "files" else given.through
        (THROUGH_STORE if url else FROM_FILES)[given.step](Size(given.folder, given.leads[0], given.per_lead, url))
        used = resource.getrusage(resource.RUSAGE_SELF)
        print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
        return
    with nullcontext(given.folder) if given.folder else tempfile.TemporaryDirectory() as name:
        compared({leads: steps(sized(Path(name), leads, given)) for leads in given.leads})


def sized(folder: Path, leads: int, given: argparse.Namespace) -> Size:
    """Return one size: its files are in a folder of its own."""
    mine = folder / str(leads)
    urls = {"files": "", "sqlite": f"sqlite:///{mine.absolute()}/bench.db"}
    return Size(mine, leads, given.per_lead, urls.get(given.through, given.through))


if __name__ == "__main__":
    main()
