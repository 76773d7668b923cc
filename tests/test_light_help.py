"""Help, version and completion import nothing but click: no command's modules, no frames, no client of a CRM."""

import subprocess
import sys

import pytest

LISTED = """
import sys
before = set(sys.modules)
from worker import main
try:
    main(sys.argv[1:], prog_name="leadgauge")
finally:
    new = {name.partition(".")[0] for name in set(sys.modules) - before}
    print("\\n" + " ".join(sorted(new - set(sys.stdlib_module_names))), file=sys.stderr)
"""


def imported(*words: str) -> set[str]:
    """Return the modules beyond Python's own that a call of leadgauge imports."""
    done = subprocess.run([sys.executable, "-c", LISTED, *words], capture_output=True, text=True, check=True)
    assert done.stdout
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("words", [("--help",), ("--version",)], ids=" ".join)
def test_what_needs_no_command_imports_none(words: tuple[str, ...]) -> None:
    assert imported(*words) <= {"worker", "click", "colorama"}


def test_completion_imports_its_own_command_alone() -> None:
    assert imported("completion", "bash") <= {"worker", "click", "colorama", "commands"}
