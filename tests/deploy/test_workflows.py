"""The workflows are valid, may do little, and call what the repository has."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PINNED = re.compile(r"[\w.-]+/[\w.-]+@(v\d+(\.\d+)*|[0-9a-f]{40})")
TARGET = re.compile(r"^([\w-]+):", re.MULTILINE)


def loaded(file: Path) -> Any:
    return YAML(typ="safe").load(file)


def validated(schema: str, *files: Path) -> subprocess.CompletedProcess[str]:
    """Compare files with a schema that the tool brings along, without the network."""
    words = ["-m", "check_jsonschema", "--builtin-schema", schema, *map(str, files)]
    return subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)


def test_the_workflows_of_github_are_valid() -> None:
    assert {file.stem for file in WORKFLOWS} == {"ci", "nightly", "release"}
    done = validated("vendor.github-workflows", *WORKFLOWS)
    assert done.returncode == 0, done.stdout


def test_the_pipeline_of_gitlab_is_valid() -> None:
    done = validated("vendor.gitlab-ci", ROOT / ".gitlab-ci.yml")
    assert done.returncode == 0, done.stdout


def test_the_compose_file_is_valid() -> None:
    done = validated("vendor.compose-spec", ROOT / "deploy" / "container" / "compose.yaml")
    assert done.returncode == 0, done.stdout


def test_zizmor_finds_nothing_in_the_workflows() -> None:
    """It knows what others could make a workflow do."""
    words = [Path(sys.executable).with_name("zizmor"), "--offline", "--no-progress", ".github"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_wrong_workflow_is_found(tmp_path: Path) -> None:
    """The schema refuses what is none, so that the tests above can fail."""
    file = tmp_path / "ci.yml"
    file.write_text("on: push\njobs: {a: {runs-on: x, step: []}}\n")
    assert validated("vendor.github-workflows", file).returncode == 1


def steps(file: Path) -> list[dict[str, Any]]:
    return [step for job in loaded(file)["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_each_action_has_a_version_and_no_checkout_keeps_its_token(file: Path) -> None:
    used = [step for step in steps(file) if "uses" in step]
    assert [step["uses"] for step in used if not PINNED.fullmatch(step["uses"])] == []
    checkouts = [step for step in used if step["uses"].startswith("actions/checkout@")]
    assert checkouts
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_a_workflow_may_read_and_only_a_release_may_do_more(file: Path) -> None:
    workflow = loaded(file)
    assert workflow["permissions"] == {"contents": "read"}
    more = {name: job["permissions"] for name, job in workflow["jobs"].items() if "permissions" in job}
    assert not more or file.name == "release.yml"
    assert all(rights.get("contents", "read") == "read" for rights in more.values())


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_what_comes_from_outside_is_in_no_script(file: Path) -> None:
    """An expression in a script would run what a branch or a title is called."""
    assert [step["run"] for step in steps(file) if "${{" in step.get("run", "")] == []


def test_what_the_workflows_call_exists() -> None:
    scripts = "\n".join(step["run"] for file in WORKFLOWS for step in steps(file) if "run" in step)
    jobs = [job for job in loaded(ROOT / ".gitlab-ci.yml").values() if isinstance(job, dict) and "script" in job]
    scripts += "\n" + "\n".join(line for job in jobs for line in job["script"])
    targets = set(TARGET.findall((ROOT / "Makefile").read_text()))
    assert set(re.findall(r"\bmake ([a-z][\w-]*)", scripts)) <= targets
    assert ".ci/run" in scripts
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o100
    assert (
        ROOT / loaded(ROOT / ".github/workflows/release.yml")["jobs"]["container"]["steps"][3]["with"]["file"]
    ).exists()


def test_ci_runs_every_python_on_both_databases() -> None:
    matrix = loaded(ROOT / ".github" / "workflows" / "ci.yml")["jobs"]["tests"]["strategy"]["matrix"]
    assert matrix["python"] == ["3.11", "3.12", "3.13", "3.14"]
    assert {one["database"]: one["without"] for one in matrix["include"]} == {
        "sqlite": "postgresql",
        "postgresql": "sqlite",
    }


def test_gitlab_runs_every_python_on_both_databases() -> None:
    (matrix,) = loaded(ROOT / ".gitlab-ci.yml")["tests"]["parallel"]["matrix"]
    assert matrix == {"PYTHON": ["3.11", "3.12", "3.13", "3.14"], "WITHOUT": ["postgresql", "sqlite"]}


def test_nights_have_all_tests_chaos_and_a_day_of_passes() -> None:
    """`make chaos` runs all of `tests/chaos`, where the soak is."""
    github = "\n".join(step.get("run", "") for step in steps(ROOT / ".github" / "workflows" / "nightly.yml"))
    gitlab = "\n".join(loaded(ROOT / ".gitlab-ci.yml")["nightly"]["script"])
    assert (ROOT / "tests" / "chaos" / "test_soak.py").exists()
    assert all(f"make {target}" in script for script in (github, gitlab) for target in ("test-all", "chaos"))
