"""The page about the sandbox documents every fault and control."""

from pathlib import Path

from leadgauge_sandbox.salesforce import FAULTS
from leadgauge_sandbox.salesforce.control import ROUTES

PAGE = (Path(__file__).parents[3] / "docs" / "sandbox-salesforce.md").read_text(encoding="utf-8")


def test_every_fault_is_documented_in_its_own_words() -> None:
    missing = [name for name, kind in FAULTS.items() if f"| `{name}` | {kind.says} |" not in PAGE]
    assert not missing


def test_every_control_is_documented() -> None:
    controls = PAGE.partition("## Controls")[2] + PAGE.partition("## Reaching it")[2]
    missing = [route.pattern for route in ROUTES if route.pattern.rpartition("/")[2] not in controls]
    assert not missing
