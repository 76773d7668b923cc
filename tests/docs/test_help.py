"""Every command's help reads well in a terminal."""

import click
import pytest
from click.testing import CliRunner

from worker import main


@pytest.mark.parametrize("command", sorted(main.list_commands(click.Context(main))))
def test_help_shows_an_example_and_no_raw_marks(command: str) -> None:
    """The help of a command has an example and no layout marks."""
    said = CliRunner().invoke(main, [command, "--help"]).output
    assert "Example" in said
    assert "\\b" not in said
