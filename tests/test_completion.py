"""Shells complete commands and options."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from worker import main


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_asks_leadgauge(shell: str) -> None:
    """Each script asks the program by the variable that the program listens to."""
    printed = CliRunner().invoke(main, ["completion", shell])
    assert printed.exit_code == 0
    assert f"_LEADGAUGE_COMPLETE={shell}_complete" in printed.output


def test_bash_accepts_the_script() -> None:
    """The script for bash has no mistake in its syntax."""
    script = CliRunner().invoke(main, ["completion", "bash"]).output
    assert subprocess.run(["bash", "-n"], input=script, text=True, check=False).returncode == 0


@pytest.mark.parametrize(
    ("typed", "completed"),
    [("leadgauge ba", "backfill"), ("leadgauge backfill --qu", "--quiet"), ("leadgauge completion f", "fish")],
)
def test_words_are_completed(typed: str, completed: str) -> None:
    """Commands, options and choices are completed without settings."""
    words = {"COMP_WORDS": typed, "COMP_CWORD": str(typed.count(" ")), "_LEADGAUGE_COMPLETE": "bash_complete"}
    program = shutil.which("leadgauge", path=Path(sys.executable).parent)
    assert program, "the project is installed"
    done = subprocess.run([program], env=os.environ | words, capture_output=True, text=True, check=False)
    assert f"plain,{completed}" in done.stdout


def test_another_shell_is_refused() -> None:
    """A shell that is not known is answered with those that are."""
    done = CliRunner().invoke(main, ["completion", "cmd"])
    assert done.exit_code == 2
    assert "fish" in done.output
