"""What the pages about security claim is there: the tests that they name, the licences, no secret in the repository."""

import ast
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from reference.third_party import OBLIGED, PAGE, pinned, rendered

ROOT = Path(__file__).parents[2]
HOOKS = YAML(typ="safe").load(ROOT / ".pre-commit-config.yaml")
SHAPES = {
    "a private key": r"-----BEGIN (?:RSA |EC |OPENSSH )?PRIVATE KEY-----\s*\n[A-Za-z0-9+/=]{60}",
    "a token of HubSpot": r"\bpat-(?:na|eu)\d-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b",
    "a session of Salesforce": r"\b00D[A-Za-z0-9]{12,15}![A-Za-z0-9._]{60,}",
    "a key of AWS": r"\bAKIA[0-9A-Z]{16}\b",
    "a token of GitHub": r"\bgh[pousr]_[A-Za-z0-9]{36}\b",
    "a webhook of Slack": r"https://hooks\.slack\.com/services/T[A-Z0-9]{8,}/B[A-Z0-9]{8,}/[A-Za-z0-9]{24}",
    "a token of PyPI": r"\bpypi-AgEIcHlwaS5vcmc[\w-]{50,}",
}
PUBLISHED = {"pat-na1-6513270e-269e-4d37-b2a7-4de452e6b438"}
"""The token of the sandbox, which its page prints."""
INVENTED = re.compile(r"0{6}|1{6}|(?:abc|ABC)|xxxx|XXXX|example|12345678|11111111")
"""What shows that a token was made up."""


def test_every_test_that_the_threats_name_exists() -> None:
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    cited = set(re.findall(r"`(test_\w+)`", page))
    files = [*(ROOT / "tests").rglob("test_*.py")]
    there = {
        node.name
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    }
    assert len(cited) > 20
    assert cited - there == set()


def test_third_party_software_is_that_of_the_lock() -> None:
    """Run `make third-party` if this fails."""
    assert PAGE.read_text(encoding="utf-8") == rendered()
    assert len(pinned()) > 60


def test_each_licence_with_conditions_is_spoken_of() -> None:
    head, _, table = PAGE.read_text(encoding="utf-8").partition("## All")
    obliged = [line for line in table.splitlines() if any(part in line for part in OBLIGED) or "Mozilla" in line]
    assert {line.split(" | ")[0].removeprefix("| ") for line in obliged} == {
        *("certifi", "orjson", "psycopg", "psycopg-binary"),
    }
    assert all(name in head for name in ("psycopg", "certifi", "orjson", "iso-codes"))


@pytest.mark.parametrize("what", sorted(SHAPES))
def test_no_file_of_the_repository_has_a_secret(what: str) -> None:
    """What the tests and the sandbox invent shows that it was."""
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    found = []
    for name in done.stdout.decode().split("\0"):
        file = ROOT / name
        if name and file.is_file() and file.stat().st_size < 2_000_000:
            text = file.read_text(encoding="utf-8", errors="replace")
            hits = set(re.findall(SHAPES[what], text)) - PUBLISHED
            found += [f"{name}: {hit[:20]}…" for hit in hits if not INVENTED.search(hit)]
    assert found == []


@pytest.mark.slow
def test_detect_secrets_finds_nothing() -> None:
    """The same call as before each commit, on every file that it looks at."""
    (hook,) = [one for one in HOOKS["repos"][0]["hooks"] if one["id"] == "secrets"]
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    files = [name for name in done.stdout.decode().split("\0") if name and not re.search(hook["exclude"], name)]
    tool, *words = shlex.split(hook["entry"])
    named = [Path(sys.executable).with_name(Path(tool).name), *words]
    scanned = subprocess.run([*named, *files], cwd=ROOT, capture_output=True, text=True, check=False)
    assert scanned.returncode == 0, scanned.stdout


@pytest.mark.parametrize(
    ("what", "secret"), [("a token of GitHub", "ghp_" + "a9Bz" * 9), ("a key of AWS", "AKIA" + "Q7RS" * 4)]
)
def test_the_shapes_find_what_they_look_for(what: str, secret: str) -> None:
    assert re.search(SHAPES[what], f"token = '{secret}'")
