"""The command line answers mistakes and Ctrl-C in one form, and never with a traceback."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from socket import create_server

import pytest
from click.testing import CliRunner

from tests.stage import Stage
from worker import main

Open = Callable[..., Stage]

INTERRUPTING = """
import runpy, signal, sys

class Interrupting:
    module = sys.argv.pop(1)

    def find_spec(self, name, path=None, target=None):
        if name == self.module:
            self.module = None
            signal.raise_signal(signal.SIGINT)

sys.meta_path.insert(0, Interrupting())
runpy.run_module("worker", run_name="__main__")
"""
"""Runs leadgauge, and presses Ctrl-C when it imports a module."""


@pytest.fixture(autouse=True)
def _heeded() -> Iterator[None]:
    """Heed Ctrl-C, so that the commands do: a shell makes what it starts in the background ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("module", ["click", "commands.check", "ruamel.yaml", "pipeline.connect"])
def test_ctrl_c_before_the_crm_is_contacted_leaves_no_traceback(hubspot: Open, module: str) -> None:
    stage = hubspot(1)
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTING, module, *stage.command("check")],
        env=os.environ | stage.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 130
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["check", "backfill"])
def test_ctrl_c_while_the_crm_does_not_answer_ends_at_once(hubspot: Open, command: str) -> None:
    stage = hubspot(1)
    with create_server(("127.0.0.1", 0)) as silent:
        stage.configure(lambda one: one.update(base_url=f"http://127.0.0.1:{silent.getsockname()[1]}"))
        with stage.start(command) as process:
            connection, _ = silent.accept()
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=30)
            connection.close()
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert "stopped" in errors or "abort" in errors


def test_ctrl_c_while_the_database_does_not_answer_ends_at_once(hubspot: Open) -> None:
    stage = hubspot(1)
    with create_server(("127.0.0.1", 0)) as silent:
        stage.repoint(f"postgresql://nobody@127.0.0.1:{silent.getsockname()[1]}/nothing")
        with stage.start("sync") as process:
            connection, _ = silent.accept()
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=30)
            connection.close()
    assert process.returncode == 130
    assert "Traceback" not in errors


def errors_of(*words: str) -> str:
    """Return what leadgauge says on standard error."""
    found = CliRunner().invoke(main, list(words))
    assert found.exit_code != 0
    return found.stderr


@pytest.mark.parametrize(("written", "meant"), [("plam", "plan"), ("back-fill", "backfill"), ("Status", "status")])
def test_an_unknown_command_is_answered_with_the_one_meant(written: str, meant: str) -> None:
    assert f"There is no command '{written}'. Did you mean `{meant}`?" in errors_of(written)


def test_an_option_before_the_command_is_answered_with_its_place() -> None:
    assert "Write --json after the command: leadgauge status --json" in errors_of("--json", "status")
    assert "No such option '--jsn'" in errors_of("--jsn")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = errors_of("init", str(tmp_path / "file" / "folder"))
    assert said.startswith(f"Error: {tmp_path}/file")
    assert "Not a directory. Check the name, the folder and its permissions." in said


def test_status_of_a_connection_that_does_not_exist_names_those_that_do(hubspot: Open) -> None:
    done = hubspot(1).leadgauge("status", "--connection", "mian")
    assert done.returncode == 2
    assert done.stderr == "Error: The settings have no connection 'mian'. They have: main.\n"


def test_every_error_begins_with_the_same_word(tmp_path: Path) -> None:
    """An unknown command or option, settings and scorecards with mistakes, files that are missing, wrong values."""
    missing = str(tmp_path / "no.yaml")
    for words in (
        ("plam",),
        ("plan", "--htm"),
        ("explain",),
        ("status", "--settings", missing),
        ("plan", "--settings", missing),
        ("schema", "settings", "x"),
        ("score", "--scorecard", missing, "--leads", "a.csv", "--activities", "b.csv", "--out", "c.csv"),
        ("leads", "--since", "x"),
    ):
        said = [line for line in errors_of(*words).splitlines() if line]
        assert said[-1].startswith("Error: ")
        assert all(line.startswith(("Usage: ", "Try ", "Error: ")) for line in said)
