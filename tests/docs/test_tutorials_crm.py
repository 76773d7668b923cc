"""The tutorials of both CRMs: every command of the page runs on a sandbox, in order, and says what the page shows."""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.docs.blocks import Block, blocks, lines
from tests.stage import Stage, Started, opener
from worker import main

__all__ = ["opener"]

LEADS = 150
NUMBER = re.compile(r"\b[0-9a-f]{12}\b|\d[\d,.]*")
BEFORE = {
    "python3 -m venv ~/leadgauge && source ~/leadgauge/bin/activate",
    "pip install . ./sandbox",
    "mkdir ~/scoring && cd ~/scoring",
}
"""What the test has done before."""


def steps(crm: str) -> list[Block]:
    """Return the commands and answers of a tutorial, in the order of the page."""
    return [block for block in blocks("sh", "text") if block.place.startswith(f"docs/tutorial-{crm}.md")]


class Newcomer:
    """Types what the page says, in a folder of its own."""

    def __init__(self, stage: Stage, folder: Path) -> None:
        self.stage, self.folder, self.said = stage, folder, ""
        self.environment = os.environ | secrets(stage)

    def types(self, line: str) -> None:
        """Do what a line says; every command of ours must end with 0."""
        if line.startswith("export "):
            assert line.removeprefix("export ").removesuffix("=…") in self.environment, line
        elif line.startswith("cp "):
            shutil.copy(*line.split()[1:])
        elif line == "leadgauge run":
            self.runs()
        elif line not in BEFORE:
            self.said = self.run(self.meant(line))

    def meant(self, line: str) -> str:
        """Return a command as somebody types it who has the sandbox, a lead in mind, and says yes."""
        address = f"--base-url {self.stage.url}"
        meant = re.sub(r"--domain acme\.my", address, line).replace("LEAD", self.stage.people()[0])
        if "--from-crm" in meant and address not in meant:
            return f"{meant} {address}"
        return f"{meant} --yes" if meant == "leadgauge backfill" else meant

    def run(self, line: str) -> str:
        """Run a command of ours, and return what it says."""
        done = CliRunner().invoke(main, shlex.split(line)[1:], env=self.environment, catch_exceptions=False)
        assert done.exit_code == 0, f"{line}: {done.output}"
        return done.output

    def runs(self) -> None:
        """Run the daemon until its first pass is done, and end it as Ctrl-C does."""
        order = [sys.executable, "-m", "worker", "run"]
        path = os.pathsep.join(sys.path)
        with Started(order, cwd=self.folder, env=self.environment | {"PYTHONPATH": path}, stderr=subprocess.PIPE, text=True) as daemon:  # fmt: skip
            assert daemon.stderr is not None
            assert any("sync done" in line for line in daemon.stderr)
            daemon.send_signal(signal.SIGINT)
            daemon.communicate()
        assert daemon.returncode in (0, 130)


def secrets(stage: Stage) -> dict[str, str]:
    """Return what the page asks the reader to export."""
    if stage.crm == "hubspot":
        return {"HUBSPOT_TOKEN": stage.app.state.portal.tokens.static}
    known = stage.app.state.sandbox.credentials
    return {"SALESFORCE_CONSUMER_KEY": known.consumer_key, "SALESFORCE_CONSUMER_SECRET": known.consumer_secret}


def shape(text: str) -> str:
    """Return a text with `0` for every number, and single spaces: figures depend on the day and on how many people there are."""
    return " ".join(NUMBER.sub("0", text).split())


@pytest.mark.slow
@pytest.mark.parametrize("crm", ["hubspot", "salesforce"])
def test_every_command_of_the_tutorial_leads_to_the_next(
    crm: str, opener: Callable[..., Stage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "scoring"
    folder.mkdir()
    monkeypatch.chdir(folder)
    reader = Newcomer(getattr(opener, crm)(leads=LEADS), folder)
    typed = []
    for step in steps(crm):
        if step.language == "text":
            assert [line for line in step.text.splitlines() if shape(line) not in shape(reader.said)] == [], reader.said
        else:
            for line in lines(step):
                reader.types(line)
                typed.append(line)
    assert {"leadgauge provision", "leadgauge backfill", "leadgauge run"} <= set(typed)
    assert (folder / "plan.html").stat().st_size > 10_000


@pytest.mark.parametrize("crm", ["hubspot", "salesforce"])
def test_the_pictures_of_the_tutorial_exist(crm: str) -> None:
    page = Path(__file__).parents[2] / f"docs/tutorial-{crm}.md"
    shown = re.findall(r"!\[[^]]+\]\(([^)]+)\)", page.read_text(encoding="utf-8"))
    assert shown
    assert [picture for picture in shown if not (page.parent / picture).exists()] == []
