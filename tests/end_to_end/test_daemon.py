"""The daemon follows the CRM, its settings, and the signal to stop; on both CRMs and both databases."""

import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
from sqlalchemy import create_engine, make_url, text

from pipeline.passes import BACKFILL
from tests.databases import on_server
from tests.stage import Stage

Open = Callable[..., Stage]


def often(connection: dict[str, Any]) -> None:
    connection["schedule"] = {"sync": "10s", "refresh": "02:30", "reconcile": "sun 03:00", "timezone": "UTC"}


def test_sigterm_ends_the_daemon_cleanly_and_gives_the_lease_back(scene: Open) -> None:
    stage = scene(40)
    with daemon(stage) as process:
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 0, told
    assert stage.leadgauge("sync").returncode == 0


def test_beside_the_daemon_commands_look_themselves_and_the_daemon_writes_for_them(scene: Open) -> None:
    stage = scene(40)
    lead = min(stage.fields())
    with daemon(stage) as process:
        looked = [stage.leadgauge(*words) for words in (("status",), ("plan",), ("explain", lead))]
        read = stage.leadgauge("backfill")
        first = next(int(word) - 1 for word in re.findall(r"backfill (\d+) done", read.stdout))
        asked = [stage.leadgauge(*words) for words in (("undo", str(first)), ("forget", lead, "--yes"))]
        wrong = stage.leadgauge("undo", "99999")
        shown = psutil.Process(process.pid).cmdline()
    assert [done.returncode for done in looked] == [0, 0, 0]
    assert f"{process.pid} (run)" in looked[0].stdout
    assert [(done.returncode, done.stderr.count("\n")) for done in asked] == [(0, 1)] * 2
    assert all(f":{process.pid}) has the connection and does it between its passes" in done.stderr for done in asked)
    assert (wrong.returncode, "run 99999 wrote nothing" in wrong.stderr) == (2, True)
    assert "restored=40" in asked[0].stdout
    assert {values["lead_score"] for values in stage.fields("lead_score").values()} == {None}
    assert not any(secret in word for word in shown for secret in stage.environment.values())


def test_the_daemon_writes_what_changed_in_the_crm(scene: Open) -> None:
    stage = scene(40)
    stage.configure(often)
    lead = max(stage.fields())
    with daemon(stage) as process:
        before = float(stage.fields("lead_engagement")[lead]["lead_engagement"] or 0)
        stage.act(lead, "demo_request")
        wait_until(lambda: float(stage.fields("lead_engagement")[lead]["lead_engagement"] or 0) > before, process)


def test_a_scorecard_with_a_mistake_is_refused_and_the_old_one_stays_in_force(scene: Open) -> None:
    stage = scene(40)
    stage.configure(often)
    with daemon(stage) as process:
        card = stage.folder / "b2b-saas.yaml"
        right = card.read_text()
        card.write_text(right.replace("points: 20", "points: twenty"))
        wait_until(lambda: "settings refused" in stage.leadgauge("status").stdout, process)
        card.write_text(right)
        wait_until(lambda: "settings refused" not in stage.leadgauge("status").stdout, process)
    assert process.returncode == 0


@pytest.mark.slow
def test_the_daemon_says_that_its_database_is_gone_and_makes_no_other(scene: Open) -> None:
    stage = scene(20)
    stage.configure(often)
    port = with_pages(stage)
    with daemon(stage) as process:
        wait_until(lambda: page(port, "/health")[0] == 200, process)
        wait_until(lambda: page(port, "/health")[1]["connections"]["main"].get("pending") == 0, process)
        assert 'leadgauge_pending_rows{connection="main"} 0.0' in figures(port)
        assert stage.database
        remove(stage.database)
        wait_until(lambda: "database" in page(port, "/health")[1]["trouble"], process)
        assert page(port, "/health")[0] == 503
        assert page(port, "/live")[0] == 200
        assert not exists(stage.database)


def test_a_second_daemon_of_one_machine_stands_by_and_takes_over_work_and_port(scene: Open) -> None:
    stage = scene(20)
    stage.configure(often)
    port = with_pages(stage)
    with daemon(stage) as first, stage.start("run") as second:
        told = list(until("Standing by", second))
        first.kill()
        first.communicate()
        wait_until(lambda: page(port, "/health")[1].get("connections", {}).get("main", {}).get("last_pass"), second)
        second.terminate()
        second.communicate(timeout=60)
    assert any(f"Port {port} on 127.0.0.1 is used by another daemon with this database" in line for line in told)
    assert second.returncode == 0


def test_the_daemon_shows_the_figures_of_the_report_beside_those_of_passes(scene: Open) -> None:
    """Made by a thread of its own: passes go on while it works, and SIGTERM ends both."""
    stage = scene(20)
    stage.do(BACKFILL)
    stage.configure(often)
    port = with_pages(stage)
    with daemon(stage) as process:
        wait_until(lambda: page(port, "/live")[0], process)
        wait_until(lambda: "leadgauge_report_timestamp_seconds{" in figures(port), process)
        assert 'leadgauge_report_first_priority_ratio{connection="main"' in figures(port)


def test_a_port_that_another_program_has_ends_the_daemon_with_the_setting(scene: Open) -> None:
    stage = scene(5)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        with_pages(stage, taken.getsockname()[1])
        with stage.start("run") as process:
            _, told = process.communicate(timeout=120)
    assert process.returncode == 2
    assert told.count("\n") == 1
    assert "`metrics.port`" in told


def test_passes_that_fail_are_told_by_status_until_one_succeeds(scene: Open) -> None:
    stage = scene(20)
    stage.configure(often)
    port = with_pages(stage)
    with daemon(stage) as process:
        stage.live(timedelta(hours=3), pace=0)
        wait_until(lambda: page(port, "/health")[0] == 503, process)
        told = " ".join(stage.leadgauge("status").stdout.split())
        assert "failing: since " in told
        assert "it is 3 hours behind the CRM's" in told
        assert "Next: sync at " in told
        stage.live(-timedelta(hours=3), pace=0)
        wait_until(lambda: page(port, "/health")[0] == 200, process)
        assert "failing" not in stage.leadgauge("status").stdout


@contextmanager
def daemon(stage: Stage) -> Iterator[subprocess.Popen[str]]:
    """Run the daemon; all leads are scored when the block starts."""
    everybody = len(stage.fields())
    with stage.start("run") as process:
        wait_until(lambda: written(stage) == everybody, process)
        yield process
        if process.poll() is None:
            process.terminate()
            process.communicate(timeout=60)


def written(stage: Stage) -> int:
    return sum(1 for values in stage.fields("lead_score_status").values() if values["lead_score_status"])


def wait_until(true: Callable[[], object], process: subprocess.Popen[str], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not true():
        if process.poll() is not None or time.monotonic() > end:
            process.kill()
            out, err = process.communicate()
            raise AssertionError(f"waited in vain:\n{out}\n{err}")
        time.sleep(0.1)


def until(words: str, process: subprocess.Popen[str]) -> Iterator[str]:
    """Yield the log lines of a process, up to the one with these words; it is killed if they never come."""
    assert process.stderr
    watch = threading.Timer(120, process.kill)
    watch.start()
    for line in process.stderr:
        yield line
        if words in line:
            watch.cancel()
            return
    raise AssertionError(f"it never said {words!r}")


def with_pages(stage: Stage, port: int | None = None) -> int:
    """Make the daemon of a stage serve its pages; return the URL."""
    if port is None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
    with stage.settings_file.open("a") as settings:
        settings.write(f"\nmetrics: {{port: {port}}}\n")
    return port


def page(port: int, path: str) -> tuple[int, dict[str, Any]]:
    """Return the status of a page; 0 while it is not served."""
    try:
        answer = requests.get(f"http://127.0.0.1:{port}{path}", timeout=10)
    except requests.ConnectionError:
        return 0, {}
    return answer.status_code, answer.json()


def figures(port: int) -> str:
    return requests.get(f"http://127.0.0.1:{port}/metrics", timeout=10).text


def remove(database: str) -> None:
    """Drop a database that is in use."""
    url = make_url(database)
    if url.get_backend_name() == "sqlite":
        for part in Path(str(url.database)).parent.glob(f"{Path(str(url.database)).name}*"):
            part.unlink()
    else:
        on_server(url.set(database="postgres"), f'DROP DATABASE "{url.database}" WITH (FORCE)')


def exists(database: str) -> bool:
    url = make_url(database)
    if url.get_backend_name() == "sqlite":
        return Path(str(url.database)).exists()
    engine = create_engine(url.set(drivername="postgresql+psycopg", database="postgres"))
    with engine.connect() as connection:
        found = connection.execute(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": url.database})
        there = found.scalar() is not None
    engine.dispose()
    return there
