"""`leadgauge sandbox` as a process: output, faults, signals, wrong usage; and the promises of docs/sandbox.md."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import requests

from leadgauge_sandbox.hubspot.faults import FAULTS
from leadgauge_sandbox.live import live_step
from leadgauge_sandbox.population import DAY, Population
from leadgauge_sandbox.truth import TRUTH

ROOT = Path(__file__).parents[3]
COMMAND = [sys.executable, "-m", "worker", "sandbox", "hubspot"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_is_and_stops_cleanly(number: signal.Signals) -> None:
    order = [*COMMAND, "--port", "0", "--leads", "50", "--live", "--faults", "index-lag:5"]
    with subprocess.Popen(order, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        said = dict(process.stdout.readline().split() for _ in range(3))
        answer = requests.get(
            f"{said['HubSpot']}/crm/v3/objects/contacts",
            headers={"Authorization": f"Bearer {said['token']}"},
            timeout=10,
        )
        assert len(answer.json()["results"]) == 10
        assert requests.get(f"{said['page']}_sandbox/faults", timeout=10).json()["on"] == {"index-lag": "5"}
        process.send_signal(number)
        _, errors = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "Traceback" not in errors


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, cwd=ROOT, timeout=60, check=False)


def test_wrong_usage_is_one_clear_message(tmp_path: Path) -> None:
    unknown = run("--faults", "hiccup", "--leads", "0")
    assert unknown.returncode == 2
    assert "There is no fault 'hiccup'" in unknown.stderr
    empty = tmp_path / "empty.csv"
    empty.touch()
    assert run("--contacts", str(empty), "--leads", "0").returncode == 2
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = run("--port", str(taken.getsockname()[1]), "--leads", "0")
    assert refused.returncode == 1
    assert "--port" in refused.stderr


def test_faults_help_lists_them_all() -> None:
    listed = run("--faults", "help")
    assert listed.returncode == 0
    assert [line.split()[0] for line in listed.stdout.splitlines()] == list(FAULTS)


def test_the_docs_name_every_fault() -> None:
    page = (ROOT / "docs" / "sandbox.md").read_text(encoding="utf-8")
    assert [name for name in FAULTS if f"`{name}`" not in page] == []


def test_a_population_follows_from_its_seed() -> None:
    one, same, other = (Population.generate(500, seed, 1_795_000_000_000) for seed in (7, 7, 8))
    assert one.people == same.people
    assert live_step(one, one.now + DAY) == live_step(same, same.now + DAY)
    assert one.people != other.people


def test_a_population_looks_like_a_crm() -> None:
    """Blanks, scripts, huge numbers and duplicates; about ten activities per lead in half a year; no real people."""
    population = Population.generate(4000, 7, 1_795_000_000_000)
    people = population.people
    assert 8 < (population.activities.at > population.now - 180 * DAY).sum() / len(people) < 12
    assert all(person.email is None or person.email.endswith(".example") for person in people)
    assert sum(person.email is None for person in people) > 20
    assert max(person.budget or 0 for person in people) >= 1e12
    assert any(not (person.given or "a").isascii() for person in people)
    twins = Counter((person.given, person.family, person.job_title, person.company) for person in people)
    assert sum(count > 1 for count in twins.values()) > 20
    assert (population.activities.at <= population.now).all()


def test_conversions_spread_over_more_than_a_year() -> None:
    population = Population.generate(2000, 7, 1_795_000_000_000)
    ages = [(population.now - each.converted_at) / DAY for each in population.people if each.converted_at is not None]
    assert max(ages) > 400
    assert all(sum(start <= age < start + 90 for age in ages) >= 10 for start in range(0, 450, 90))


def test_those_who_ask_convert_more_often() -> None:
    """The conversions follow the model in TRUTH."""
    population = Population.generate(8000, 7, 1_795_000_000_000)
    table = population.activities
    asked: set[int] = set()
    for row in range(len(table)):
        person = population.people[int(table.person[row])]
        before = person.converted_at is None or table.at[row] < person.converted_at
        if before and population.activity(row).where.kind == "demo_request":
            asked.add(person.number)
    rate = [
        sum(person.converted_at is not None for person in group) / len(group)
        for group in (
            [person for person in population.people if person.number in asked],
            [person for person in population.people if person.number not in asked],
        )
    ]
    assert rate[0] > 2 * rate[1] > 0
    assert TRUTH.effects["demo_request"].weight > TRUTH.effects["pricing"].weight
