"""The output and exit codes of `check`, `init` and `schema`."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result
from rich.console import Console
from ruamel.yaml import YAML

from commands.check_report import Report
from config import load_settings
from leadgauge_sandbox.hubspot import create_app
from leadgauge_sandbox.population import Population
from leadgauge_sandbox.server import serve
from tests.config.cards import SCORECARDS, SHIPPED, SMALL
from tests.config.conftest import Write
from vocabulary.findings import Finding
from worker import main

TOKEN = "LEADGAUGE_TEST_TOKEN"
Change = Callable[[dict[str, Any]], None]


def leadgauge(*words: str | Path) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)


@contextmanager
def portal(
    folder: Path, monkeypatch: pytest.MonkeyPatch, change: Change = lambda _: None, **options: Any
) -> Iterator[Path]:
    """Yield settings for a sandbox HubSpot, with a change to the connection."""
    app = create_app(Population.generate(20, 7), seed=7, rate_limit=False, **options)
    with serve(app) as url:
        monkeypatch.setenv(TOKEN, app.state.portal.tokens.static)
        yaml = YAML()
        settings = yaml.load(SHIPPED / "leadgauge-hubspot.yaml")
        connection = settings["connections"]["main"]
        connection.update(base_url=url, token={"env": TOKEN})
        change(connection)
        (folder / "b2b-saas.yaml").write_bytes((SHIPPED / "b2b-saas.yaml").read_bytes())
        yaml.dump(settings, folder / "leadgauge.yaml")
        yield folder / "leadgauge.yaml"


def test_a_right_scorecard_exits_0_and_says_so() -> None:
    done = leadgauge("check", SHIPPED / "b2b-saas.yaml")
    assert done.exit_code == 0
    assert "13 of 13 examples pass, 0 warnings" in done.stdout
    assert done.stdout.splitlines()[-1] == "Ready."


def test_wrong_scorecards_exit_2_with_every_mistake(write: Write) -> None:
    path = write(SMALL.replace("points: 5", "points: five").replace("points: 7", "x: 7, pionts: 7"))
    done = leadgauge("check", path)
    assert done.exit_code == 2
    headings, *mistakes, verdict = table(done)
    assert headings == ["Level", "Where", "About", "What", "What to do"]
    assert verdict == ["3 errors: nothing runs until somebody changes what is named above."]
    assert [cells[:3] for cells in mistakes if cells[0]] == [
        ["error", f"{path}:8", "score.fit, group 'Person', rule 'Norway', points"],
        ["error", f"{path}:9", "score.fit, group 'Person', rule 'Large', pionts"],
        ["error", f"{path}:9", "score.fit, group 'Person', rule 'Large', x"],
    ]


def table(done: Result) -> list[list[str]]:
    """Return the cells of each printed line, without the rule below the headings."""
    lines = [line for line in done.stdout.splitlines() if "╇" not in line]
    return [[cell.strip() for cell in re.split("[┃│]", line)] for line in lines]


def test_a_failing_example_exits_2_and_shows_expected_beside_got(write: Write) -> None:
    examples = "examples:\n  - {name: Oslo, lead: {country: NO}, expect: {fit: {at_least: 6}, score: 5}}\n"
    path = write(SMALL + examples)
    done = leadgauge("check", path)
    assert done.exit_code == 2
    found = ["error", f"{path}:11", "example 'Oslo', expect.fit"]
    assert [*found, "the example 'Oslo' expects fit at least 6, but the result is 5."] in [
        row[:4] for row in table(done)
    ]
    assert "0 of 1 examples pass" in done.stdout


def test_warnings_exit_0_and_with_strict_2(write: Write) -> None:
    path = write(SMALL)
    lax = leadgauge("check", path)
    assert (lax.exit_code, lax.stdout.splitlines()[-1]) == (0, "Ready, with 5 warnings.")
    done = leadgauge("check", path, "--strict")
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (2, "5 warnings, which --strict treats as errors.")
    found = [
        "warning",
        f"{path}:2",
        "fields.code",
        "the field `code` is declared but not used.",
        "Use it or remove it.",
    ]
    assert found in table(done)


def test_examples_cover_every_kind_of_expectation(write: Write) -> None:
    """Times relative to the moment, activities with details, lists, flags, the stage before, and another moment."""
    text = """\
scorecard: x
fields: {since: time, tags: list, vip: flag, n: number}
score:
  fit: {groups: [{name: G, rules: [
    {name: a, lead: {since: {within: 10d}}, points: 1}, {name: b, lead: {since: {within_next: 10d}}, points: 2},
    {name: c, lead: {tags: b}, points: 4}, {name: d, lead: {vip: true}, points: 8}, {name: e, lead: {n: {at_least: 5}}, points: 16}]}]}
  engagement: {groups: [{name: H, rules: [{name: f, activity: {kind: call, seconds: {above: 9}, url: {contains: x}, value: 3}, points: 1.25}]}]}
readiness: {stages: [{name: A}, {name: B, when: {n: 9}, keep: {n: 1}}, {name: C, when: {n: 8}}]}
examples:
  - {name: ago, lead: {since: {age: 3d}}, expect: {fit: 1, stage: A, urgency: none, grade: '?', priority: {known: false}}}
  - {name: ahead, lead: {since: {ahead: 3d}, tags: [a, B]}, expect: {fit: [6, 7], score: {between: [6, 6]}}}
  - {name: absolute, as_of: 2026-03-05, lead: {since: 2026-03-01, vip: true, n: 5}, expect: {fit: 25}}
  - {name: did, activities: [{kind: Call, age: 1h, seconds: 10, url: 'https://X/?utm_source=q', value: 3}], expect: {engagement: 1, status: scored}}
  - {name: kept, previous: C, lead: {n: 1}, expect: {stage: B}}
  - {name: not kept, previous: A, lead: {n: 1}, expect: {stage: {below: B}}}
"""
    done = leadgauge("check", write(text))
    assert "6 of 6 examples pass" in done.stdout, done.stdout


def test_what_is_neither_settings_nor_scorecard_is_told(write: Write) -> None:
    done = leadgauge("check", write("hello: world"))
    assert done.exit_code == 2
    assert "neither a settings file nor a scorecard" in done.stdout


def test_without_a_file_the_settings_of_this_folder_are_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = leadgauge("check")
    assert done.exit_code == 2
    remedy = "Check the name, or make one with `leadgauge init`."
    assert ["error", "leadgauge.yaml", "", "there is no such file.", remedy] in table(done)


def test_json_holds_mistakes_warnings_and_examples(write: Write) -> None:
    examples = "examples: [{name: Oslo, lead: {country: NO}, expect: {fit: 4}}]\n"
    found = json.loads(leadgauge("check", write(SMALL + examples), "--json").stdout)
    assert [mistake["path"] for mistake in found["mistakes"]] == ["examples.0.expect.fit"]
    assert {"file", "line", "path", "message", "remedy", "column", "about"} == set(found["warnings"][0])
    assert found["examples"][0]["got"] == "5"
    assert not found["examples"][0]["passed"]


def test_a_portal_that_grants_everything_but_lacks_the_outputs_exits_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with portal(tmp_path, monkeypatch) as settings:
        done = leadgauge("check", "--settings", settings)
        assert done.exit_code == 2, done.stdout
        assert "leadgauge provision" in done.stdout
        assert leadgauge("provision", "--settings", settings).exit_code == 0
        assert leadgauge("check", settings).exit_code == 0


def test_a_property_that_the_portal_lacks_is_told_with_the_line_of_its_mapping(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with portal(
        tmp_path, monkeypatch, lambda connection: connection["fields"].update(seniority="seniority(jobtitel)")
    ) as settings:
        done = leadgauge("check", settings)
        line = next(number for number, text in enumerate(settings.read_text().splitlines(), 1) if "jobtitel" in text)
        assert done.exit_code == 2
        found = ["error", f"{settings}:{line}", "connections.main.fields.seniority"]
        assert found in [row[:3] for row in table(done)]
        assert done.stdout.count("Did you mean jobtitle?") == 1, "each finding is told once"


def test_a_crm_that_cannot_be_reached_exits_1_and_offline_0(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN, "x")
    write(SMALL)
    text = "connections: {main: {crm: hubspot, token: {env: LEADGAUGE_TEST_TOKEN}, base_url: 'http://127.0.0.1:9', attempts: 1, scorecard: card.yaml, fields: {country: a, employees: b, industry: c, code: d, since: e, tags: f, vip: g}}}"
    settings = write(text, "leadgauge.yaml")
    done = leadgauge("check", settings)
    assert done.exit_code == 1
    assert done.stdout.count("127.0.0.1 refuses the connection.") == 1
    assert done.stdout.splitlines()[-1] == "1 error: something cannot be reached. Nothing runs until it can; try again."
    assert leadgauge("check", settings, "--offline").exit_code == 0


def test_a_refused_token_exits_2_and_is_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with portal(tmp_path, monkeypatch) as settings:
        monkeypatch.setenv(TOKEN, "pat-na1-verysecret")
        done = leadgauge("check", settings)
        assert done.exit_code == 2
        assert "verysecret" not in done.output
        assert "HubSpot refused" in next(row[3] for row in table(done) if row[2:3] == ["connections.main"])
        assert "token" in done.stdout


def test_a_missing_token_exits_2_with_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with portal(tmp_path, monkeypatch) as settings:
        monkeypatch.delenv(TOKEN)
        done = leadgauge("check", settings)
        assert done.exit_code == 2
        assert "connections.main.token" in [row[2] for row in table(done) if len(row) > 2]
        assert TOKEN in done.stdout


def test_a_connection_that_does_not_exist_is_answered_with_those_that_do() -> None:
    done = leadgauge("check", SHIPPED / "leadgauge-hubspot.yaml", "--connection", "other")
    assert done.exit_code == 2
    assert ["there is no 'other'.", "The settings have: main."] in [row[3:] for row in table(done)]


@pytest.mark.parametrize(
    ("card", "crm"), [(path.stem, ("hubspot", "salesforce")[at % 2]) for at, path in enumerate(SCORECARDS)]
)
def test_init_writes_files_that_check_finds_right(tmp_path: Path, card: str, crm: str) -> None:
    folder = tmp_path / "new"
    done = leadgauge("init", "--crm", crm, "--scorecard", card, folder)
    assert done.exit_code == 0
    assert {path.name for path in folder.iterdir()} == {
        "leadgauge.yaml",
        f"{card}.yaml",
        "settings.schema.json",
        "scorecard.schema.json",
    }
    connection = load_settings(folder / "leadgauge.yaml").connections["main"]
    assert connection.crm == crm
    mapped = {*connection.fields, *(f"account.{name}" for name in connection.accounts)}
    assert mapped == set(connection.wanted)
    assert leadgauge("check", folder / "leadgauge.yaml", "--offline", "--strict").exit_code == 0
    assert "leadgauge check" in done.stderr


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "leadgauge.yaml").write_text("mine")
    done = leadgauge("init", tmp_path)
    assert done.exit_code == 2
    assert "leadgauge.yaml: this file exists already." in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["leadgauge.yaml"]
    assert (tmp_path / "leadgauge.yaml").read_text() == "mine"


@pytest.mark.parametrize("subject", ["settings", "scorecard"])
def test_schema_prints_a_json_schema(subject: str) -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(leadgauge("schema", subject).stdout))


def test_on_a_terminal_the_table_leaves_room_for_messages() -> None:
    """What a finding is about is below its place, and each cell is folded within the width."""
    out = Console(force_terminal=True, width=90, file=StringIO())
    report = Report(connections={"main": [Finding("warning", "fields.industry", "word " * 30, "Do this. " * 9)]})
    report.show(out, "Ready, with 1 warning.")
    assert isinstance(out.file, StringIO)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", out.file.getvalue()).splitlines()
    assert [cell.strip() for cell in lines[0].split("┃")] == ["Level", "Where", "What", "What to do"]
    assert [line.split("│")[1].strip() for line in lines[2:4]] == ["connection main", "fields.industry"]
    assert max(map(len, lines)) <= 90
