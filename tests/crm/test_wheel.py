"""The projects are part of what is installed."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from crm.boards import default_boards
from crm.for_salesforce import Org
from crm.projects import CRMS, project
from crm.writing import LISTING

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_an_installed_leadgauge_writes_both_projects(tmp_path: Path) -> None:
    """From the wheel alone, without what only the developers of the components need."""
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    installed = tmp_path / "installed"
    zipfile.ZipFile(wheel).extractall(installed)
    assert not [
        path for path in installed.rglob("*") if path.name in {"package-lock.json", "__tests__", "node_modules"}
    ]
    run = f"import sys; sys.path.insert(0, {str(installed)!r}); import crm, worker; print(crm.__file__); worker.main()"
    for crm in CRMS:
        done = subprocess.run(
            [sys.executable, "-c", run, "crm", crm, str(tmp_path / crm), "--prefix", "acme_"],
            check=False,
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith(str(installed))
        written = {
            file.relative_to(tmp_path / crm).as_posix(): file.read_bytes()
            for file in (tmp_path / crm).rglob("*")
            if file.is_file() and file.name != LISTING
        }
        assert written == project(crm, default_boards("acme_"), Org())
