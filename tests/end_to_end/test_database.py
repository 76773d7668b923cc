"""Any PostgreSQL failure in a command gives one line that says what it is."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import URL, make_url

from tests.databases import on_server
from tests.fronts import Doorkeeper, pgbouncer
from tests.stage import Stage
from tests.store.test_crashes import cut_off

Open = Callable[..., Stage]
New = Callable[[str], str]


def ready(crm: Open, url: str) -> Stage:
    stage = crm(30)
    stage.configure(database=url)
    stage.provision()
    return stage


def one_line(said: str) -> None:
    assert "Traceback" not in said
    assert "sqlalche.me" not in said


class SmallDisk:
    """A database of the server on a disk of its own, of 64 MB."""

    def __init__(self, server: URL, folder: Path) -> None:
        self.folder, self._server = folder, server
        self._owner = Path(str(server.query["host"])).stat().st_uid
        self.url = server.set(drivername="postgresql", database="on_a_small_disk").render_as_string(hide_password=False)

    def create(self) -> None:
        """Create the database; the server's user must own the folder."""
        home = self.folder / "tablespace"
        home.mkdir()
        subprocess.run(["chown", str(self._owner), home], check=True)
        on_server(self._server, f"CREATE TABLESPACE small_disk LOCATION '{home}'")
        on_server(self._server, "CREATE DATABASE on_a_small_disk TABLESPACE small_disk")

    def drop(self) -> None:
        on_server(self._server, "DROP DATABASE IF EXISTS on_a_small_disk WITH (FORCE)")
        on_server(self._server, "DROP TABLESPACE IF EXISTS small_disk")

    def fill(self) -> None:
        """Leave no free block."""
        with (self.folder / "filler").open("wb") as file:
            subprocess.run(["cat", "/dev/zero"], stdout=file, stderr=subprocess.DEVNULL, check=False)

    def free(self) -> None:
        (self.folder / "filler").unlink()


@pytest.fixture
def small_disk(postgresql_server: URL) -> Iterator[SmallDisk]:
    if "host" not in postgresql_server.query:
        pytest.skip("the server is not on this machine")
    with TemporaryDirectory(prefix="leadgauge-disk-") as folder:
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m,mode=755", "tmpfs", folder], check=False)
        if mounted.returncode:
            pytest.skip("mounting a small disk is not permitted")
        disk = SmallDisk(postgresql_server, Path(folder))
        try:
            disk.create()
            yield disk
        finally:
            disk.drop()
            subprocess.run(["umount", folder], check=True)


def test_a_full_disk_of_the_server_ends_the_pass_and_nothing_is_lost(hubspot: Open, small_disk: SmallDisk) -> None:
    """The error names the disk; once there is space, the next backfill finishes."""
    stage = ready(hubspot, small_disk.url)
    stage.trap.set(4, small_disk.fill)
    done = stage.leadgauge("backfill")
    assert done.returncode == 1
    assert "has no space left on its disk" in done.stderr
    one_line(done.stderr)
    small_disk.free()
    assert stage.leadgauge("backfill").returncode == 0
    assert None not in {values["lead_score"] for values in stage.fields("lead_score").values()}


def test_a_server_restarted_in_mid_pass_is_waited_for(hubspot: Open, new_database: New) -> None:
    url = new_database("postgresql")
    stage = ready(hubspot, url)
    stage.trap.set(4, lambda: cut_off(url))
    done = stage.leadgauge("backfill")
    assert done.returncode == 0, done.stderr
    assert None not in {values["lead_score"] for values in stage.fields("lead_score").values()}
    one_line(done.stderr)


def test_an_administrators_limit_of_time_is_told_in_one_line(
    hubspot: Open, new_database: New, postgresql_server: URL
) -> None:
    url = new_database("postgresql")
    stage = ready(hubspot, url)
    stage.leadgauge("status")
    on_server(postgresql_server, f'ALTER DATABASE "{make_url(url).database}" SET statement_timeout = 1')
    done = stage.leadgauge("backfill")
    assert done.returncode == 1
    assert "statement_timeout" in done.stderr
    one_line(done.stderr)


def test_connections_used_up_by_others_are_waited_for(hubspot: Open, new_database: New, postgresql_server: URL) -> None:
    door = Doorkeeper(postgresql_server)
    door.refusals = [("53300", "tut mir leid, schon zu viele Verbindungen")] * 3
    stage = ready(hubspot, door.url(str(make_url(new_database("postgresql")).database)))
    assert stage.leadgauge("backfill").returncode == 0
    assert door.turned_away == 3
    door.close()


def test_a_backfill_and_its_repetition_behind_pgbouncer(
    hubspot: Open, new_database: New, postgresql_server: URL
) -> None:
    name = str(make_url(new_database("postgresql")).database)
    with pgbouncer(postgresql_server, "transaction") as pooler:
        url = pooler.set(drivername="postgresql", database=name).render_as_string(hide_password=False)
        stage = ready(hubspot, url)
        first, second = stage.leadgauge("backfill", "--json"), stage.leadgauge("backfill", "--json")
        assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
        assert '"written": 0,' in second.stdout
