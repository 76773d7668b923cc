"""Other people's tools, each in an environment of its own below ours: `python -m bench.tools` installs them all.

They are installed from PyPI when a bench first needs them, and never with leadgauge: dlt and the Singer taps pin
versions of libraries that leadgauge uses too.
"""

import subprocess
import sys
import venv
from pathlib import Path

FOLDER = Path(sys.prefix) / "bench"
TOOLS = {
    "dlt": ("dlt[duckdb]==1.31.0", "simple-salesforce==1.12.10"),
    "tap-hubspot": ("meltano-tap-hubspot==0.10.1",),
    "tap-salesforce": ("tap-salesforce==2.8.1",),
}
INSTALL = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
MINUTES = 5


def interpreter(tool: str) -> Path | None:
    """Return the Python of a tool that is installed in the version that is asked for."""
    done = FOLDER / tool / "installed"
    return FOLDER / tool / "bin" / "python" if done.is_file() and done.read_text() == _wanted(tool) else None


def installed(tool: str) -> Path:
    """Install a tool if it is missing, and return its Python; raise with what pip said if it cannot be installed."""
    if found := interpreter(tool):
        return found
    folder = FOLDER / tool
    venv.create(folder, clear=True, with_pip=True)
    order = [folder / "bin" / "python", *INSTALL, *TOOLS[tool]]
    try:
        done = subprocess.run(order, capture_output=True, text=True, timeout=MINUTES * 60, check=False)
    except subprocess.TimeoutExpired:
        raise CannotInstallError(f"pip did not end within {MINUTES} minutes") from None
    if done.returncode:
        raise CannotInstallError((done.stderr.strip().splitlines() or ["pip failed"])[-1])
    (folder / "installed").write_text(_wanted(tool))
    return folder / "bin" / "python"


class CannotInstallError(Exception):
    """A tool cannot be installed; the message says why."""


def _wanted(tool: str) -> str:
    return " ".join(TOOLS[tool])


if __name__ == "__main__":
    for name in TOOLS:
        print(name, installed(name))
