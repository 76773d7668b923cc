"""`leadgauge demo` ends with commands that work as they are printed."""

import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

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
