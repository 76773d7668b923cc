"""The wheel has everything that the commands need, and nothing else."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = {".css", ".js", ".html", ".json", ".yaml", ".svg", ".txt", ".md", ".xml", ".py", ".tsx", ".woff2", ".ts"}


def built(folder: Path, source: Path) -> Path:
    """Build the wheel of a project with the backend that the tests run with."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def test_the_wheel_has_the_data_of_its_packages(tmp_path: Path) -> None:
    """Templates, styles, schemas and migrations are in it; tests, benches and the sandbox are not."""
    names = set(zipfile.ZipFile(built(tmp_path, ROOT)).namelist())
    packages = {name.partition("/")[0] for name in names if not name.partition("/")[0].endswith(".dist-info")}
    assert not packages & {"tests", "bench", "deploy", "sandbox", "leadgauge_sandbox", "docs"}
    for package in packages - {"worker.py", "crm"}:
        tracked = subprocess.run(["git", "ls-files", package], cwd=ROOT, capture_output=True, text=True, check=True)
        assert set(tracked.stdout.split("\n")) - {""} <= names, package


@pytest.mark.slow
def test_the_wheel_runs_in_an_empty_environment(tmp_path: Path) -> None:
    """With the locked runtime and the sandbox, and nothing else, `leadgauge demo` ends well."""
    wheels = [built(tmp_path / "one", ROOT), built(tmp_path / "two", ROOT / "sandbox")]
    environment = {key: value for key, value in os.environ.items() if key not in {"VIRTUAL_ENV", "PYTHONPATH"}}
    uv, home = Path(sys.executable).with_name("uv"), tmp_path / "env"

    def run(*words: str | Path) -> str:
        done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    run(uv, "venv", "--quiet", "--python", sys.executable, home)
    to_here = ("--quiet", "--python", home / "bin/python")
    run(uv, "pip", "install", *to_here, "--require-hashes", "--requirement", ROOT / "requirements-demo.lock")
    run(uv, "pip", "install", *to_here, "--no-deps", *wheels)
    program = home / "bin/leadgauge"
    assert "Score, grade and rank" in run(program, "--help")
    assert "demo ok: leads=2000 written=2000 rewritten=0" in run(program, "demo", "--crm", "hubspot")
