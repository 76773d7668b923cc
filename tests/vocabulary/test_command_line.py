"""Proposed options can be pasted into a shell."""

import subprocess

import pytest

from vocabulary.command_line import option


@pytest.mark.parametrize("value", ["lead_quality", "Lead Quality", 'Say "hi"', "$HOME `x` \\", "Größe", "a/b.csv"])
def test_a_shell_reads_a_proposed_option_as_one_value(value: str) -> None:
    """Whatever the name holds."""
    written = f"printf '%s|' {option('--at-creation', value)}"
    done = subprocess.run(["/bin/sh", "-c", written], capture_output=True, check=True, encoding="utf-8")
    assert done.stdout == f"--at-creation|{value}|"


def test_a_plain_name_is_not_quoted() -> None:
    assert option("--lock", "demo_request") == "--lock demo_request"
    assert option("--lock", "Lead Quality") == '--lock "Lead Quality"'
