"""`leadgauge inventory` lists what the CRM is really asked for, and says what each field is for."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

import config
from config import load_settings
from connectors.hubspot.scopes import SCOPES
from connectors.inventory import WHY
from pipeline.inventory import of_crm, taken
from pipeline.passes import BACKFILL, RECONCILE, SYNC
from store.sql.schema import metadata
from tests.asked import Asked
from tests.stage import Stage
from worker import main

Open = Callable[..., Stage]
DOCS = Path(config.__file__).parents[1] / "docs"
_COUNT = re.compile(r"COUNT\(.*\).*")


def test_every_field_that_is_asked_for_or_written_is_in_it(scene: Open) -> None:
    """Creating the fields, a check, and whole passes ask for nothing else and write nothing else."""
    stage = scene(40)
    asked = stage.trap._app = Asked(stage.trap._app)  # type: ignore[assignment]  # a CRM over HTTP, too
    stage.provision()
    assert stage.leadgauge("check").returncode == 0
    for kind in (BACKFILL, SYNC, RECONCILE):
        stage.do(kind)
    (connection,) = stage.settings().connections.values()
    listed = {(one.object.lower(), one.field.lower()) for one in of_crm(connection).reads}
    heard = {(thing.lower(), one) for thing, names in asked.read.items() for one in plain(names)}
    assert len(heard) > 30
    assert heard - listed == set()
    written = {name.lower() for thing, names in asked.written.items() for name in names if thing != "FieldPermissions"}
    (found,) = taken(stage.settings()).connections
    assert written <= {name.lower() for name, _ in found.written} | {f"{name}__c".lower() for name, _ in found.written}
    assert written


def plain(names: Iterable[str]) -> set[str]:
    """Return columns without aliases and counts."""
    return {name.split(" ")[0].lower() for name in names if not _COUNT.fullmatch(name)}


@pytest.mark.parametrize("crm", ["hubspot", "salesforce"])
def test_each_field_says_what_uses_it_and_where_it_is_kept(crm: str) -> None:
    settings = load_settings(Path(config.__file__).parent / f"leadgauge-{crm}.yaml")
    (found,) = taken(settings).connections
    mapped = [one for one in found.read if one.why.startswith("the field ")]
    assert mapped
    assert [one.field for one in mapped if not one.used_by] == []
    places = [place for one in found.read for place in re.findall("`([a-z_.]+)`", one.kept)]
    columns = {f"{name}.{column.name}" for name, table in metadata.tables.items() for column in table.columns}
    assert set(places) <= {*metadata.tables, *columns}
    assert places
    assert all(one.why.split(":")[0] in WHY for one in found.read if one not in mapped)


def test_it_makes_no_call_and_needs_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address of the CRM does not exist, and no variable is set."""
    monkeypatch.delenv("HUBSPOT_TOKEN", raising=False)
    shipped = Path(config.__file__).parent
    (tmp_path / "b2b-saas.yaml").write_bytes((shipped / "b2b-saas.yaml").read_bytes())
    text = (shipped / "leadgauge-hubspot.yaml").read_text()
    (tmp_path / "leadgauge.yaml").write_text(text)
    path = str(tmp_path / "leadgauge.yaml")
    told = CliRunner().invoke(main, ["inventory", "-s", path, "--json"])
    assert told.exit_code == 0, told.output
    found = orjson.loads(told.stdout)
    assert found["secrets"][0] == ["connections.main", "the environment variable HUBSPOT_TOKEN"]
    assert found["connections"][0]["calls"][0] == "https://api.hubapi.com"
    of_email = [one["kept"] for one in found["connections"][0]["read"] if one["field"] == "email"]
    assert "a digest, in `leads.address` and `addresses`" in of_email
    page = CliRunner().invoke(main, ["inventory", "-s", path, "--markdown"]).stdout
    assert "| contacts | email | joining: to find whose an activity" in page
    assert "main: rights" in CliRunner().invoke(main, ["inventory", "-s", path]).stdout


def test_the_scopes_of_the_docs_are_those_of_the_code() -> None:
    page = (DOCS / "hubspot.md").read_text(encoding="utf-8")
    for one in SCOPES:
        assert f"| {', '.join(f'`{name}`' for name in one.names)} | {one.lets} | {one.without} |" in page
