"""What was not compared with advisories has not passed."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.version import Version

from deploy import audit
from reference.third_party import pinned

ROOT = Path(__file__).parents[2]
LOCKED = pinned(ROOT / audit.LOCKS[0])
ADVISORY = """\
id: PYSEC-2026-1
aliases: [CVE-2026-1]
affected:
- package: {{name: urllib3, ecosystem: PyPI}}
  ranges:
  - type: ECOSYSTEM
    events: [{events}]
  versions: [{versions}]
{more}
"""


def audited(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "deploy.audit", *words]
    return subprocess.run(command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, check=False)


def database(folder: Path, *, events: str = "", versions: str = "", more: str = "") -> str:
    of_package = folder / "vulns" / "urllib3"
    of_package.mkdir(parents=True)
    (of_package / "PYSEC-2026-1.yaml").write_text(ADVISORY.format(events=events, versions=versions, more=more))
    return str(folder)


def test_an_index_that_cannot_be_asked_is_a_failure() -> None:
    nowhere = "http://127.0.0.1:9"
    done = audited(HTTPS_PROXY=nowhere, https_proxy=nowhere, NO_PROXY="", no_proxy="")
    assert done.returncode == audit.NOTHING_COMPARED
    assert "Nothing was compared with any advisory" in done.stderr
    assert done.stdout == ""


def test_a_folder_without_advisories_is_a_failure(tmp_path: Path) -> None:
    done = audited(str(tmp_path))
    assert done.returncode == audit.NOTHING_COMPARED
    assert "Nothing was compared with any advisory" in done.stderr


def test_make_audit_hides_no_failure() -> None:
    recipe = re.findall(r"^audit: install\n((?:\t.+\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)[0]
    assert recipe == "\t@$(BIN)/python -m deploy.audit $(ADVISORIES)\n", "nothing after it may hide its exit code"


def test_a_version_with_an_advisory_is_found(tmp_path: Path) -> None:
    """The locked version is named by file, with the advisory and its other names."""
    done = audited(database(tmp_path, events="{introduced: '0'}, {fixed: '99'}"))
    assert done.returncode == audit.FOUND
    assert f"requirements-image.lock: urllib3 {LOCKED['urllib3']} has PYSEC-2026-1 (CVE-2026-1)" in done.stdout


def test_a_lowest_version_with_an_advisory_is_found(tmp_path: Path) -> None:
    done = audited(database(tmp_path, versions=f"'{audit.lowest()['urllib3']}'"))
    assert done.returncode == audit.FOUND
    assert done.stdout.startswith(f"pyproject.toml: urllib3 {audit.lowest()['urllib3']} has PYSEC-2026-1")


@pytest.mark.parametrize(
    "said",
    [
        {"events": "{introduced: '0'}, {fixed: '1.26.5'}"},
        {"events": "{fixed: '2'}, {introduced: '0'}, {introduced: '90'}"},
        {"events": "{introduced: '0'}, {last_affected: '2.6.3'}"},
        {"events": "{introduced: '0'}", "more": "withdrawn: '2026-01-01T00:00:00Z'"},
    ],
)
def test_other_versions_and_what_was_withdrawn_are_no_finding(tmp_path: Path, said: dict[str, str]) -> None:
    done = audited(database(tmp_path, **said))
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"audit: \d+ versions compared, 0 with advisories\n", done.stdout)


def test_every_dependency_has_a_lowest_version() -> None:
    """The tools of developers and the sandbox are in no installation of a user."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = {name: extra for name, extra in project["optional-dependencies"].items() if name not in {"dev", "sandbox"}}
    asked = [*project["dependencies"], *(one for extra in extras.values() for one in extra)]
    assert len(audit.lowest()) == len(asked)


def test_no_version_that_the_docs_say_is_unsafe_is_allowed() -> None:
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    safe = dict(re.findall(r"^\| ([\w-]+) \| ([\d.]+) \| ", page, re.MULTILINE))
    lowest = audit.lowest()
    assert len(safe) == 10
    assert [name for name in safe if Version(lowest[name]) < Version(safe[name])] == []
