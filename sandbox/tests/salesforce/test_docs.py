"""The page about the sandbox documents every fault and control."""

import subprocess
import sys
from pathlib import Path

from leadgauge_sandbox.salesforce import FAULTS
from leadgauge_sandbox.salesforce.control import ROUTES
from leadgauge_sandbox.salesforce.feeds.control import ROUTES as FEED_ROUTES

PAGE = (Path(__file__).parents[3] / "docs" / "sandbox-salesforce.md").read_text(encoding="utf-8")


def test_every_fault_is_documented_in_its_own_words() -> None:
    missing = [name for name, kind in FAULTS.items() if f"| `{name}` | {kind.says} |" not in PAGE]
    assert not missing


def test_every_control_is_documented() -> None:
    controls = PAGE.partition("## Controls")[2] + PAGE.partition("## Reaching it")[2]
    missing = [route.pattern for route in (*ROUTES, *FEED_ROUTES) if route.pattern.rpartition("/")[2] not in controls]
    assert not missing


def test_without_the_packages_of_the_feed_everything_else_runs() -> None:
    script = (
        "import sys; sys.modules['grpc'] = sys.modules['fastavro'] = sys.modules['google.protobuf'] = None\n"
        "from leadgauge_sandbox.salesforce import create_app\n"
        "from leadgauge_sandbox.server import serve\n"
        "from urllib.request import urlopen\n"
        "with serve(create_app()) as base: print(urlopen(base + '/_sandbox/feed').read().decode())"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert "not served: install leadgauge-sandbox[feeds]" in done.stdout
