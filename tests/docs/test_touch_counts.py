"""The number of places a change touches, as docs/architecture.md says: each is made in a copy of the code."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import pytest

from tests.stage import Stage, crm, hubspot, opener, salesforce  # noqa: F401 - fixtures

ROOT = Path(__file__).parents[2]
PARTS = ("calibrate", "commands", "config", "connectors", "meaning", "pipeline", "scoring", "store", "vocabulary")
CARD = """
scorecard: touched
fields: {job_title: text, employees: number, interests: list}
score:
  fit:
    groups:
      - name: Person
        rules:
          - RULE
"""


class Copy:
    """A copy of the product's code, in which a test makes a change and counts the files touched."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.new_files = self.new_entries = 0
        for part in PARTS:
            shutil.copytree(ROOT / part, folder / part)  # including bytecode
        shutil.copy(ROOT / "worker.py", folder)

    def file(self, path: str, text: str) -> None:
        """Add a new file."""
        assert not (self.folder / path).exists()
        (self.folder / path).write_text(dedent(text), encoding="utf-8")
        self.new_files += 1

    def entry(self, path: str, before: str, text: str) -> None:
        """Insert an entry before a piece of code that occurs once."""
        file = self.folder / path
        code = file.read_text(encoding="utf-8")
        assert code.count(before) == 1, f"{path}: {before}"
        file.write_text(code.replace(before, text + before), encoding="utf-8")
        self.new_entries += 1

    def leadgauge(self, *lines: Sequence[str], **environment: str) -> list[str]:
        """Run commands in the copy, all in one process; return their output."""
        said: list[str] = self.says(RUNNING, list(lines), **environment)
        return said

    def asked(self, **questions: Any) -> Any:
        """Return the copy's results for rules, each alone in a scorecard: see `ASKING`."""
        return self.says(ASKING, questions)

    def says(self, code: str, given: Any, **environment: str) -> Any:
        path = os.pathsep.join([str(self.folder), str(ROOT / "sandbox")])
        done = subprocess.run(
            [sys.executable, "-c", code, json.dumps(given)],
            check=False,
            cwd=self.folder,
            env=os.environ | {"PYTHONPATH": path} | environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


RUNNING = """
import json, sys
from click.testing import CliRunner
from worker import main
done = [CliRunner().invoke(main, words) for words in json.loads(sys.argv[1])]
print(json.dumps([f"{one.exit_code}: {one.output}" for one in done]))
"""
ASKING = """
import json, sys
from datetime import UTC, datetime
from pathlib import Path
import jsonschema
import polars as pl
from click.testing import CliRunner
from ruamel.yaml import YAML
from config.schema import schema
from scoring import Scorecard, score, touchpoints
from worker import main

given = json.loads(sys.argv[1])
text = lambda rule: given["card"].replace("RULE", rule)
card = lambda rule: YAML(typ="safe").load(text(rule))
empty = {"lead": pl.String, "id": pl.String, "kind": pl.String, "occurred_at": pl.Datetime("us", "UTC")}

def scored(rule):
    did = touchpoints(pl.DataFrame(schema=empty))
    at = datetime(2026, 11, 22, tzinfo=UTC)
    made = score(pl.DataFrame(given["leads"]), *did, Scorecard.model_validate(card(rule)), at, explain=True)
    return {
        "points": made.results["lead_fit"].to_list(),
        "reasons": made.results["lead_score_reasons"].to_list(),
        "lines": made.lines["name"].to_list(),
    }

def checked(rule):
    Path("card.yaml").write_text(text(rule))
    return CliRunner().invoke(main, ["check", "card.yaml"]).output

takes = jsonschema.Draft202012Validator(schema("scorecard")).is_valid
print(json.dumps({
    "scored": [scored(rule) for rule in given.get("score", ())],
    "checked": [checked(rule) for rule in given.get("check", ())],
    "fits": [takes(card(rule)) for rule in given.get("schema", ())],
}))
"""
"""Scores leads by each rule in `score`, runs `check` on each in `check`, validates each in `schema`."""


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path / "copy")


def test_an_operator_is_one_entry(copy: Copy) -> None:
    """Validation, JSON Schema, lint, scoring and explanation support an operator from its entry alone."""
    operator = 'Operator("longer_than", ("text", "list"), "More letters.", lambda text, least: text.str.len_chars() > least, operand=as_it_is),'
    copy.entry("scoring/card/operators.py", '    Operator(\n        "known",', indent(operator, "    ") + "\n")
    rule = "{name: Wordy, lead: {job_title: {longer_than: 5}}, points: 7}"
    found = copy.asked(
        card=CARD,
        leads={
            "lead": ["a", "b", "c"],
            "job_title": ["Head of sales", "CEO", None],
            "interests": [["ab", "abcdefg"], ["ab"], None],
        },
        score=[rule, rule.replace("job_title", "interests")],
        schema=[rule, rule.replace("longer_than", "wider_than")],
        check=[
            rule,
            rule.replace("job_title", "employees"),
            rule.replace(
                "job_title: {longer_than: 5}", "job_title: {longer_than: 5}, all: [{job_title: CEO}, {job_title: CFO}]"
            ),
        ],
    )
    assert found["scored"] == [{"points": [7, 0, 0], "reasons": ["+7 Wordy", "", ""], "lines": ["Wordy"]}] * 2
    assert found["fits"] == [True, False]
    right, wrong, never = found["checked"]
    assert "Wordy" not in right
    assert "lead.employees.longer_than" in wrong
    assert "'longer_than'" in wrong
    assert "the rule 'Wordy' can never fire" in never
    assert (copy.new_files, copy.new_entries) == (0, 1)


RULE_TYPE = '''
    """Length rules: points for every letter of a text."""

    from typing import ClassVar

    import polars as pl
    from pydantic import Field

    from scoring.card.ranges import Range
    from scoring.card.rules.base import BaseRule, Given


    class LengthRule(BaseRule):
        """Points for every letter of a text."""

        key: ClassVar = "length"

        length: str = Field(description="The field whose letters count.")
        points: float = Field(description="The points of one letter.")
        most: int = Field(10, ge=0, description="No more letters than these count.")

        @property
        def fields(self):
            return frozenset([self.length])

        @property
        def uncut(self):
            return Range(min(0, self.points * self.most), max(0, self.points * self.most))

        def column(self, terms):
            return (pl.col(self.length).str.len_chars().clip(0, self.most).fill_null(0) * self.points).cast(pl.Float64)

        def given(self, answers, frame, history):
            return Given(answers)
'''


def test_a_rule_type_is_one_file_and_one_line(copy: Copy) -> None:
    """Validation, JSON Schema, lint, scoring and explanation support a rule type from the list of types."""
    copy.file("scoring/card/rules/length.py", RULE_TYPE)
    copy.entry(
        "scoring/card/rules/__init__.py",
        "ActivityRule)\n",
        "__import__('scoring.card.rules.length', fromlist=['LengthRule']).LengthRule, ",
    )
    rule = "{name: Letters, length: job_title, points: 2}"
    found = copy.asked(
        card=CARD,
        leads={"lead": ["a", "b"], "job_title": ["CEO", None]},
        score=[rule],
        schema=[rule, rule.replace("points: 2", "points: many")],
        check=[
            rule.replace("points: 2", "points: many"),
            rule.replace("length: job_title, ", ""),
            rule.replace("points: 2", "points: 0"),
        ],
    )
    assert found["scored"] == [{"points": [6, 0], "reasons": ["+6 Letters", ""], "lines": ["Letters"]}]
    assert found["fits"] == [True, False]
    mistyped, typeless, idle = found["checked"]
    assert "rule 'Letters', points" in mistyped
    assert "'many' is not a number" in mistyped
    assert "exactly one of `lead`, `table`, `number`, `length` and `activity`" in typeless
    assert "the rule 'Letters' gives 0 points" in idle
    assert (copy.new_files, copy.new_entries) == (1, 1)


COMMAND = '''
    """`leadgauge greet`: say hello."""

    import click


    @click.command("greet")
    @click.argument("name")
    def command(name: str) -> None:
        """Say hello.

        Example: leadgauge greet Ada
        """
        click.echo(f"Hello, {name}.")
'''


def test_a_command_is_one_file_and_one_line(copy: Copy) -> None:
    """The help lists the command, and the entry point runs it."""
    copy.file("commands/greet.py", COMMAND)
    copy.entry("worker.py", '    "schema": ', '    "greet": "Say hello.",\n')
    greeted, commands, helped = copy.leadgauge(["greet", "Ada"], ["--help"], ["greet", "--help"])
    assert greeted == "0: Hello, Ada.\n"
    assert "greet      Say hello." in commands
    assert "Example: leadgauge greet Ada" in helped
    assert (copy.new_files, copy.new_entries) == (1, 1)


def test_an_output_is_one_row_and_its_computation(copy: Copy, crm: Callable[..., Stage]) -> None:  # noqa: F811
    """The CRM gets the field, the database the column and every lead its value, with no other change."""
    row = '    Output("lead_name_length", "Lead name length", "number", "Letters of the scorecard\'s name."),\n'
    copy.entry("vocabulary/outputs.py", "    Output(SCORED_AT,", row)
    computed = 'self.results["lead_name_length"] = pl.Series([len(self.card.scorecard)]).new_from_index(0, self.leads.height)\n        '
    copy.entry("scoring/chunk.py", 'self.results["lead_scorecard"] = ', computed)
    stage = crm(leads=20)
    said = copy.leadgauge(
        *(stage.command(word) for word in ("provision", "check", "backfill", "plan")), **stage.environment
    )
    assert [one[:2] for one in said] == ["0:"] * 4, "\n".join(said)
    held = {float(values["lead_name_length"] or 0) for values in stage.fields("lead_name_length").values()}
    assert held == {float(len("b2b-saas"))}
    assert (copy.new_files, copy.new_entries) == (0, 2)


LETTERS = '''
    """Letters on paper that HubSpot logs with its contacts."""

    from functools import partial

    from connectors.hubspot.activity_source import ActivitySource
    from connectors.hubspot.engagements import Engagement, engagements
    from connectors.hubspot.windows import Relook


    def _streams(sources, kind):
        letters = Engagement(
            type="postal_mail", label="letters", time=("hs_createdate",), name=None, read=(), kind=lambda _found, _settings: kind
        )
        settings = sources.settings
        made = partial(
            engagements, sources.reader, sources.transport, settings.activities, letters, Relook.of(settings)
        )
        return [(letters.stream, made)] if kind else []


    SOURCE = ActivitySource(
        "letters",
        _streams,
        probe=lambda transport: transport.get("objects", [("limit", "1")], type="postal_mail"),
        deleted="postal_mail",
    )
'''
VISITS = '''
    """Visits of the website that a package of this org keeps."""

    from connectors.salesforce import frames
    from connectors.salesforce.activities import BuiltIn, Reader, Shape, lead_of, part

    import polars as pl


    def _visits(settings, since):
        shape = Shape(kind=pl.lit(settings.activities.page_visits.kind), occurred_at=frames.moment("Occurred_At__c"))
        reader = Reader(pl.lit("visit:") + pl.col("Id"), lead_of(settings, "Contact__c", "Lead__c"), [shape])
        people = ("Contact__c", "Lead__c")
        return [part("Web_Visit__c", (*people, "Occurred_At__c"), reader, since=since)]


    SOURCE = BuiltIn("Visits", "Web_Visit__c", _visits, "visit")
'''
PULLING = """
import json, sys
from urllib.request import urlopen
from config import load_settings
from config.schema import schema
from pipeline.job import opened
given = json.loads(sys.argv[1])
with opened(load_settings(given["settings"]), None) as job:
    job.connector.check()
    asked = urlopen(job.connection.base_url + "/_sandbox/log").read().decode()
    streams = {stream.name: stream for stream in job.connector.streams()}
    pulled = [page for page in job.connector.pull(streams[given["stream"]], None)]
kinds = [kind for page in pulled for kind in page.activities["kind"].to_list()]
print(json.dumps({"kinds": kinds, "asked": given["object"] in asked, "schema": given["option"] in json.dumps(schema("settings"))}))
"""


def pulled(copy: Copy, stage: Stage, option: str, stream: str, object_: str) -> Any:
    """Return a stream's rows, whether `check` asked for its object, and whether the JSON Schema has its option."""
    given = {"settings": str(stage.settings_file), "option": option, "stream": stream, "object": object_}
    return copy.says(PULLING, given, **stage.environment)


def test_an_activity_source_of_hubspot_is_one_file_and_one_option(copy: Copy, hubspot: Callable[..., Stage]) -> None:  # noqa: F811
    """The settings and their JSON Schema know a new source, `check` asks for it, and a pull reads it."""
    copy.file("connectors/hubspot/letters.py", LETTERS)
    option = '    letters: Annotated[str | None, ReadBy("connectors.hubspot.letters:SOURCE")] = Field(default="letter", description="Kind of letters.")\n'
    copy.entry("connectors/hubspot/settings.py", "    calls: str | None = Field(", option)
    stage = hubspot(leads=5)
    portal = stage.app.state.portal  # type: ignore[attr-defined]  # HubSpot's
    table, contact = portal.table("postal_mail"), portal.table("contacts").live()
    letter = table.add({"hs_createdate": "2026-11-01T00:00:00Z"}, portal.clock.now())
    portal.associate(("0-116", "0-1"), letter.id, next(iter(contact)).id)
    found = pulled(copy, stage, "letters", "postal_mail", "/postal_mail")
    assert found["kinds"] == ["letter"]
    assert found["asked"]
    assert found["schema"]
    assert (copy.new_files, copy.new_entries) == (1, 1)


def test_an_activity_source_of_salesforce_is_one_file_and_one_option(
    copy: Copy,
    salesforce: Callable[..., Stage],  # noqa: F811
) -> None:
    """The settings and their JSON Schema know a new source, and a pull reads it."""
    copy.file("connectors/salesforce/page_visits.py", VISITS)
    option = '    page_visits: Annotated[Events, BeforeValidator(_switch), ReadBy("connectors.salesforce.page_visits:SOURCE")] = Field(default=Events(kind="visit"), description="Visits.")\n'
    copy.entry("connectors/salesforce/settings.py", "    tasks: Annotated[Tasks, BeforeValidator", option)
    stage = salesforce(leads=20)
    found = pulled(copy, stage, "page_visits", "page_visits", "Web_Visit__c")
    assert set(found["kinds"]) == {"visit"}
    assert found["schema"]
    assert (copy.new_files, copy.new_entries) == (1, 1)
