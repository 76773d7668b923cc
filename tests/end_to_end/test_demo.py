"""`leadgauge demo` ends with commands that work as they are printed."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner

from tests.end_to_end.test_daemon import wait_until
from tests.stage import Started
from worker import main


@pytest.mark.parametrize("crm", ["hubspot", "salesforce"])
def test_what_the_demo_says_to_try_next_works_without_the_crm(crm: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["demo", "--crm", crm, "--leads", "40", "--dir", str(tmp_path / "demo")])
    assert done.exit_code == 0, done.output
    shown = done.output[done.output.index("Where to look next:") :].splitlines()
    commands = [shlex.split(line, comments=True) for line in shown[1:-1]]
    assert [command[:2] for command in commands] == [
        ["leadgauge", name] for name in ("leads", "explain", "plan", "report", "pages", "calibrate")
    ]
    assert shown[-1].startswith("demo ok: leads=")
    for command in commands[:4]:  # `pages` serves until it is stopped
        tried = CliRunner().invoke(main, command[1:])
        assert tried.exit_code == 0, tried.output
    assert {"plan.html", "report.html"} <= {file.name for file in (tmp_path / "demo").iterdir()}
    few = CliRunner().invoke(main, commands[5][1:])
    assert "too few to learn from" in few.output


@pytest.mark.slow
@pytest.mark.parametrize("crm", ["hubspot", "salesforce"])
def test_the_live_demo_names_a_page_whose_lead_becomes_urgent_by_the_feed(crm: str, tmp_path: Path) -> None:
    order = [sys.executable, "-m", "worker", "demo", "--live", "--crm", crm, "--leads", "60", "--dir", str(tmp_path)]
    with Started(order, stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout is not None
        page = next(re.findall(r"Open (\S+) and click", line)[0] for line in demo.stdout if line.startswith("Open "))
        shown = re.findall(r'id="page">(.*?)</script>', requests.get(page, timeout=30).text)
        told, home = json.loads(shown[0]), "/".join(page.split("/")[:3])
        requests.post(home + told["ask"]["to"], json=told["ask"]["wish"], timeout=30).raise_for_status()
        wait_until(lambda: '"P1"' in requests.get(home + told["record"], timeout=30).text, demo)
        demo.terminate()
        assert "demo ok" in demo.stdout.read()
    assert demo.returncode == 0
