"""Points from `calibrate --apply`, learned from the mirror, are in the CRM after the next pass."""

import json
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from calibrate.from_history import _Maker, _Past, units_of
from calibrate.inputs.files import Paths, read
from calibrate.inputs.frames import Frames
from calibrate.notes import Notes
from calibrate.options import Options
from calibrate.past.panel import Panel
from calibrate.past.snapshots import weekly
from commands.calibrate_mirror import frames
from config import load_scorecard
from config.likelihoods import load_likelihood
from pipeline.passes import BACKFILL, SYNC
from scoring import Scorecard, score
from tests.stage import Stage

CARD = """# decided in spring
scorecard: ours
fields: {job_title: text}
score:
  fit:
    groups:
      - {name: Person, rules: [{name: Anybody, lead: {job_title: {known: true}}, points: 9}]}
"""


def calibrated(connection: dict[str, Any]) -> None:
    del connection["scorecard"]
    connection["scorecards"] = [{"file": "b2b-saas.yaml", "likelihood": "likelihood.yaml"}]
    connection["fields"] = {"job_title": {"hubspot": "jobtitle", "salesforce": "Title"}[connection["crm"]]}
    connection |= {"history": True, "calibrate": {"horizon": "14d"}}


@pytest.mark.slow
def test_what_calibrate_applies_is_written_by_the_next_pass(hubspot: Callable[..., Stage]) -> None:
    stage = hubspot(5000)
    stage.configure(calibrated)
    (stage.folder / "b2b-saas.yaml").write_text(CARD)
    stage.provision()
    stage.do(BACKFILL)
    assert not any(values["lead_likelihood"] for values in stage.fields("lead_likelihood").values())
    applied = stage.leadgauge("calibrate", "--apply")
    assert applied.returncode == 0, applied.stderr
    card, likelihood = (stage.folder / name for name in ("b2b-saas.yaml", "likelihood.yaml"))
    assert card.read_text().startswith("# decided in spring")
    assert load_likelihood(likelihood).fits(load_scorecard(card))
    for words in (("provision",), ("sync", "--accept")):
        done = stage.leadgauge(*words)
        assert done.returncode == 0, done.stderr
    chances = [float(values["lead_likelihood"] or "nan") for values in stage.fields("lead_likelihood").values()]
    assert len(chances) == 5000
    assert all(0 <= chance <= 100 for chance in chances)
    assert max(chances) > 5 * min(chances)


@pytest.mark.slow
def test_a_placeholder_in_the_crm_is_learned_and_written_as_nothing(hubspot: Callable[..., Stage]) -> None:
    """The chances that the daemon writes are those of the same leads with nothing in that field."""
    stage = hubspot(2000)
    stage.configure(calibrated)
    (stage.folder / "b2b-saas.yaml").write_text(CARD)
    for number, record in enumerate(stage.app.state.portal.table("contacts").records.values()):
        if number % 2:
            record.values = {**record.values, "jobtitle": "Unknown"}
            record.history = {name: held for name, held in (record.history or {}).items() if name != "jobtitle"}
    stage.provision()
    stage.do(BACKFILL)
    files = [str(stage.folder / name) for name in ("b2b-saas.yaml", "likelihood.yaml")]
    done = stage.leadgauge("calibrate", "--out", files[0], "--likelihood", files[1])
    assert done.returncode == 0, done.stderr
    card, likelihood = load_scorecard(Path(files[0])), load_likelihood(Path(files[1]))
    assert card.placeholders == ("Unknown",)
    for words in (("provision",), ("sync", "--accept")):
        again = stage.leadgauge(*words)
        assert again.returncode == 0, again.stderr
    with stage.job() as job:
        found, as_of = job.mirror.frames(job.mirror.buckets, card.fields), job.now()
    title = pl.col("job_title")
    blank = found.leads.with_columns(pl.when(title != "Unknown").then(title).alias("job_title"))
    assert blank["job_title"].null_count() >= 1000
    scored = score(blank, found.activities, found.touchpoints, card, as_of, likelihood=likelihood).results
    written = {lead: float(held["lead_likelihood"] or "nan") for lead, held in stage.fields("lead_likelihood").items()}
    wanted = dict(scored.select("lead", "lead_likelihood").iter_rows())
    assert {lead: written[lead] for lead in wanted} == pytest.approx(wanted, abs=0.11)


@pytest.mark.slow
def test_calibrate_learns_from_the_leads_of_the_demo_with_its_defaults(crm: Callable[..., Stage]) -> None:
    """What leads do before they convert gets points, with rough percentages and no advice to change an option.

    The people and their days depend on the day of the test, so the bounds are wide.
    """
    stage = crm(2000)
    stage.configure()
    stage.provision()
    stage.do(BACKFILL)
    done = stage.leadgauge("calibrate", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    raised = {rule["name"] for rule in found["rules"] if rule["after"] > 0}
    assert found["standing"] in {"rough", "calibrated"}
    assert raised & {"Demo request", "Pricing request", "Pricing page"}
    assert len(raised) >= 2
    assert found["test_conversions"] >= 8
    assert not [
        said for said in (found["message"], *(note["message"] for note in found["notes"])) if "--horizon" in said
    ]


def test_derived_fields_reach_calibrate_with_their_history_and_own_words(crm: Callable[..., Stage]) -> None:
    stage = crm(80)

    def own(connection: dict[str, Any]) -> None:
        connection |= {"history": True, "words": {"seniority": {"owner": ["manager", "head"]}}}

    stage.configure(own)
    stage.provision()
    stage.do(BACKFILL)
    if stage.crm == "salesforce":  # the history of a field begins with its first change
        stage._control("change", {"id": stage.people()[0], "values": {"Title": "Sales Manager"}})
        stage.do(SYNC)
    with stage.job() as job:
        use = job.connection.scorecards[0]
        leads = job.mirror.frames(job.mirror.buckets, use.card.fields).leads
        history = job.mirror.field_history(["seniority"])
    assert "owner" in leads["seniority"].to_list()
    last = history.sort("since").unique("lead", keep="last").select("lead", told="value")
    both = last.join(leads, on="lead")
    assert both.height
    assert both["told"].to_list() == both["seniority"].to_list()


def test_too_few_conversions_leave_the_scorecard_and_say_how_many_are_missing(hubspot: Callable[..., Stage]) -> None:
    stage = hubspot(120)
    stage.configure()
    stage.provision()
    stage.do(BACKFILL)
    before = (stage.folder / "b2b-saas.yaml").read_bytes()
    result = stage.leadgauge("calibrate", "--apply")
    assert result.returncode == 1
    assert "more are needed" in result.stderr
    assert (stage.folder / "b2b-saas.yaml").read_bytes() == before


FIRMS = """
scorecard: firms
fields: {job_title: text}
deals: {open: flag, won: flag, closed_at: time}
figures:
  last_lost: {max: closed_at, of: deals, where: {open: false, won: false}}
reset: [{name: Deal lost, since: last_lost}]
score:
  engagement:
    groups:
      - {name: Doing, rules: [{name: Views, activity: {kind: page_view}, points: 3, half_life: 20d}]}
accounts:
  fields: {industry: text, employees: number}
  figures:
    open_deals: {count: deals, where: {open: true}}
    won_deals: {count: deals, where: {won: true}}
  score:
    fit: {groups: [{name: Company, rules: [{name: Large, lead: {employees: {at_least: 200}}, points: 5}]}]}
    engagement: {people: {top: 2, maximum: 30}}
"""
WON = ["opportunity_won"]
OF_ACCOUNTS = {
    "hubspot": {"industry": "industry", "employees": "numberofemployees"},
    "salesforce": {"industry": "Industry", "employees": "NumberOfEmployees"},
}


def panel(given: Frames, card: Scorecard, as_of: datetime) -> Panel:
    """Return weekly snapshots of accounts."""
    past = _Past(units_of(given, card, FIRMS, as_of, Notes(units="accounts")), FIRMS, Options())
    group = np.zeros(len(past.units.line.leads), np.int64)
    maker = _Maker(past, past.units.declared(), past._behaviour(), 30.0, group)
    return maker.panel(weekly(past.units.line, (-np.inf, past.units.line.now), 500, np.random.default_rng(0)))


def test_accounts_are_calibrated_alike_from_the_mirror_and_from_files(
    crm: Callable[..., Stage], tmp_path: Path
) -> None:
    stage = crm(100)

    def ours(connection: dict[str, Any]) -> None:
        calibrated(connection)
        connection |= {"accounts": OF_ACCOUNTS[connection["crm"]], "history": False, "calibrate": {"outcomes": WON}}
        connection["deals"] = {name: connection["deals"][name] for name in ("open", "won", "closed_at")}
        if connection["crm"] == "hubspot":
            connection["outcomes"] = {"opportunities": True}

    stage.configure(ours)
    (stage.folder / "b2b-saas.yaml").write_text(FIRMS)
    stage.provision()
    stage.do(BACKFILL)
    with stage.job() as job:
        use, as_of = job.connection.scorecards[0], job.now()
        mirrored = frames(job, use, "accounts")
    assert mirrored.accounts is not None
    assert mirrored.deals is not None
    whose = {"lead": "lead_id", "account": "account_id", "occurred_at": "converted_at"}
    done = mirrored.activities.join(mirrored.touchpoints, on="touchpoint").rename({"lead": "lead_id"})
    tables = {
        "leads": mirrored.leads.drop("address").rename({"lead": "id", "account": "account_id"}),
        "activities": done,
        "won": mirrored.outcomes.rename(whose),
        "accounts": mirrored.accounts.rename({"account": "id"}),
        "deals": mirrored.deals.rename({"deal": "id", "lead": "lead_id", "account": "account_id"}),
    }
    for name, table in tables.items():
        table.write_csv(tmp_path / f"{name}.csv")
    leads, activities, won, accounts, deals = (tmp_path / f"{name}.csv" for name in tables)
    paths = Paths(leads, won, activities, accounts=accounts, deals=deals)
    filed = read(paths, use.card, Notes(units="accounts"))
    one, other = (panel(given, use.card, as_of) for given in (mirrored, filed))
    assert one.fields.equals(other.fields)
    assert one.locked is not None
    assert one.locked.max() > 0
    assert one.label.sum() > 0
    assert one.fields["open_deals"].max() == 1
    assert np.isfinite(one.fields["employees"].drop_nulls().to_numpy()).any()
    for name in ("label", "moment", "age", "locked", "ever"):
        assert np.allclose(getattr(one, name), getattr(other, name))
    assert np.allclose(np.stack(one.counts), np.stack(other.counts))
    declined = stage.leadgauge("calibrate", "--of", "accounts")
    assert declined.returncode == 1
    assert re.search(r"conversions are too few|accounts that did not convert are too few", declined.stderr)


def test_a_connection_whose_card_has_no_accounts_says_so(hubspot: Callable[..., Stage]) -> None:
    stage = hubspot(30)
    stage.configure(calibrated)
    (stage.folder / "b2b-saas.yaml").write_text(CARD)
    refused = stage.leadgauge("calibrate", "--of", "accounts")
    assert refused.returncode == 2
    assert "The scorecard ours has no section `accounts`" in refused.stderr
