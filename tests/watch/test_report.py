"""The report from a real database, after weeks of passes."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from store import Write
from tests.databases import Databases, database_url, postgresql_server, template
from tests.stage import Opener, Stage, opener
from tests.watch import replay
from watch.reading import Ground

__all__ = ["database_url", "opener", "postgresql_server", "template"]

LEADS = 20
WEEKS = 3
JUDGED = 4


@pytest.fixture(
    scope="module", params=["hubspot on sqlite", pytest.param("salesforce on postgresql", marks=pytest.mark.slow)]
)
def stage(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, template: Callable[[str], str]
) -> Iterator[Stage]:
    """A CRM whose leads were written for three weeks."""
    with ExitStack() as stack:
        databases = stack.enter_context(Databases(request, tmp_path_factory.mktemp("report")))
        of_crm, _, kind = request.param.partition(" on ")
        opened = Opener(stack, tmp_path_factory.mktemp("stage"))
        found = {"hubspot": opened.hubspot, "salesforce": opened.salesforce}[of_crm](LEADS)
        found.configure(replay.configured, database=databases.create(kind, template(kind)))
        found.provision()
        for lead in found.people()[:JUDGED]:
            found.meddle(lead, "lead_feedback", "Bot")
        replay.read(found)
        replay.replay(found, replay.weeks(datetime.now(UTC) - timedelta(hours=1), WEEKS))
        yield found


def reported(stage: Stage, *words: str) -> Any:
    done = stage.leadgauge("report", "--json", *words)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_report_counts_every_lead_that_was_written(stage: Stage) -> None:
    """Each month's groups hold all leads that existed and had not converted, by priority, stage, grade and tenth."""
    (found,) = reported(stage)
    tables = next(one for one in found["sections"] if one["name"] == "conversion")["tables"]
    by_scale = {
        scale: sum(row["leads"] for row in tables[f"{scale}_by_month"]) for scale in ("priority", "stage", "grade")
    }
    assert len(set(by_scale.values())) == 1
    assert 0 < by_scale["priority"] <= 2 * LEADS * WEEKS


def test_each_month_has_what_the_history_of_every_single_lead_says(stage: Stage) -> None:
    """Lead by lead, as `explain --history` tells it, with the conversions that the sandbox has."""
    (found,) = reported(stage)
    tables = next(one for one in found["sections"] if one["name"] == "conversion")["tables"]
    told = {(row["month"], row["value"]): row["leads"] for row in tables["priority_by_month"]}
    with stage.job() as job:
        won: dict[str, datetime] = {}
        for lead, _, _, at in job.mirror.outcomes().iter_rows():
            won[lead] = min(at, won.get(lead, at))
        writes = {lead: job.scorecards[0].outbox.history(lead) for lead in job.mirror.creations()["lead"]}
        starts = Ground(job, job.scorecards[0], datetime.now(UTC)).months
    expected = Counter(group for lead, past in writes.items() for group in _groups(past, starts, won.get(lead)))
    assert told == expected


def _groups(past: list[Write], starts: Sequence[datetime], won: datetime | None) -> Iterator[tuple[str, str]]:
    """Yield the months of one lead, each with the priority that it had when the month began, or was first given."""
    for start, end in zip(starts, [*starts[1:], datetime.max.replace(tzinfo=UTC)], strict=True):
        before = [write for write in past if write.at <= start]
        first = [write for write in past if start < write.at < end][:1]
        known = before or first
        moment = start if before else known[0].at if known else start
        if known and (won is None or won > moment):
            held = [write.after["lead_priority"] for write in known if "lead_priority" in write.after]
            yield f"{start:%Y-%m}", str(held[-1] or "none") if held else "none"


def test_each_figure_leads_to_its_records(stage: Stage) -> None:
    """The key of a row lists as many leads as the row says, with links into the CRM."""
    (found,) = reported(stage)
    tables = next(one for one in found["sections"] if one["name"] == "conversion")["tables"]
    for name in ("priority_by_month", "grade_by_month", "tenth_by_month"):
        row = max(tables[name], key=lambda one: one["leads"])
        listed = reported(stage, "--records", row["records"])
        assert len(listed) == row["leads"]
        assert all(one["lead"] in one["link"] for one in listed)


def test_what_is_in_the_first_priority_now_is_what_was_written_last(stage: Stage) -> None:
    """The first figure about it counts the open leads by their last write, and leads to them."""
    (found,) = reported(stage)
    figure = next(one for one in found["figures"] if one["label"] == "are P1 now")
    listed = {one["lead"] for one in reported(stage, "--records", figure["records"])}
    with stage.job() as job:
        told = job.scorecards[0].outbox.told(job.mirror.creations()["lead"].to_list(), ["lead_priority"])
        converted = set(job.mirror.outcomes()["lead"])
    held = {lead: priority for lead, _, priority in told.iter_rows() if priority and lead not in converted}
    assert listed == {lead for lead, priority in held.items() if priority == "P1"}
    assert figure["value"] == f"{100 * len(listed) / len(held):.1f} %"


def test_rules_are_looked_at_on_all_leads_of_a_small_crm(stage: Stage) -> None:
    """Each rule of the card is there once, and leads to the leads that it fires for."""
    (found,) = reported(stage)
    rows = next(one for one in found["sections"] if one["name"] == "rules")["tables"]["rules"]
    fired = max(rows, key=lambda one: one["fired"])
    assert len(rows) == len({(row["part"], row["rule"]) for row in rows}) > 20
    assert len({one["lead"] for one in reported(stage, "--records", f"{fired['records']}/fired")}) == fired["fired"] > 0


def test_deals_and_touches_are_read_from_the_store(stage: Stage) -> None:
    """Amounts by priority and by source are those of the same deals; by team and by person are the same leads."""
    (found,) = reported(stage, "--by-person")
    tables = {name: rows for one in found["sections"] for name, rows in one["tables"].items()}
    by_priority, by_source = (
        {name: sum(row[name] or 0 for row in tables[f"by_{by}"]) for name in ("created", "won", "pipeline", "amount")}
        for by in ("priority", "source")
    )
    assert by_priority == pytest.approx(by_source)
    assert by_priority["created"] > 0 < by_priority["pipeline"]
    said = next(one for one in found["sections"] if one["name"] == "amounts")["said"]
    with stage.job() as job:
        currency = job.connector.currency() or "the CRM's currency"
    assert f"Amounts are in {currency}." in said
    whole = tables["touches"][0]["leads"] if tables.get("touches") else 0
    assert sum(row["leads"] for row in tables.get("by_team", [])) == whole
    assert sum(row["leads"] for row in tables.get("by_person", [])) == whole
    judged = [row for row in tables["said"] if row["said"] == "Bot"]
    assert sum(row["leads"] for row in judged) == JUDGED
    assert len(reported(stage, "--records", judged[0]["records"])) == judged[0]["leads"]
    row = max(tables["by_source"], key=lambda one: one["created"])
    assert len(reported(stage, "--records", f"{row['records']}/created")) == row["created"]
    both = reported(stage, "--records", row["records"])
    assert len(both) == row["created"] + row["won"]
    assert {one["what"].split()[-1] for one in both} <= {"made", "won"}


def test_by_person_is_refused_unless_the_settings_name_the_owner(opener: Opener) -> None:
    """Nobody is watched by accident."""
    done = opener.hubspot(1).leadgauge("report", "--by-person")
    assert done.returncode == 2
    assert "figures by person are not switched on" in done.stderr


def test_a_key_that_no_figure_has_is_refused_with_what_to_do(stage: Stage) -> None:
    """A mistyped key says where the right ones are."""
    for key in (
        "nonsense",
        "conversion/priority",
        "conversion/colour/2026-11/P1",
        "conversion/lead_score/2026-11/abc",
        "rules/fit/Nothing",
    ):
        done = stage.leadgauge("report", "--records", key)
        assert done.returncode == 2, key
        assert "`leadgauge report --json` shows the keys" in done.stderr


def test_the_text_says_the_findings_first(stage: Stage) -> None:
    """A person reads the same in a terminal."""
    done = stage.leadgauge("report")
    assert done.returncode == 0, done.stderr
    assert "Conversion by what leads had when the month began" in done.stdout


def test_the_text_has_the_table_of_what_moved(stage: Stage) -> None:
    """As the file and the JSON do."""
    (found,) = reported(stage)
    moved = next(one for one in found["sections"] if one["name"] == "drift")["tables"]
    assert ("How far each has moved" in stage.leadgauge("report").stdout) == bool(moved)
    assert moved


def test_a_card_that_scores_accounts_is_told_that_the_report_is_not_about_them(opener: Opener) -> None:
    """Nobody takes the rates of leads for those of accounts."""
    stage = opener.hubspot(5)
    (stage.folder / "b2b-saas.yaml").write_text(SMALL + OF_ACCOUNTS)
    stage.provision()
    replay.read(stage)
    replay.replay(stage, replay.weeks(datetime.now(UTC) - timedelta(hours=1), 1))
    (found,) = reported(stage)
    assert "about leads only" in found["sections"][-1]["said"][0]


OF_ACCOUNTS = """
accounts: {score: {engagement: {people: {top: 3, maximum: 60}}}}
"""
SMALL = """
scorecard: small
score:
  engagement:
    groups: [{name: Doings, rules: [{name: Visit, activity: {kind: page_view}, points: 1, half_life: 14d}]}]
"""


def test_a_card_without_priorities_is_reported_by_its_score(opener: Opener) -> None:
    """There is nothing to call first, so touches, amounts and newcomers have no part; tenths and rules do."""
    stage = opener.hubspot(10)
    (stage.folder / "b2b-saas.yaml").write_text(SMALL)
    stage.provision()
    replay.read(stage)
    replay.replay(stage, replay.weeks(datetime.now(UTC) - timedelta(hours=1), 1))
    (found,) = reported(stage)
    assert [one["name"] for one in found["sections"]] == ["conversion", "likelihood", "rules", "drift"]
    tables = found["sections"][0]["tables"]
    assert sum(row["leads"] for row in tables["tenth_by_month"]) > 0


def test_what_was_read_and_not_written_has_nothing_to_say_yet(opener: Opener) -> None:
    """It is about what people saw in the CRM."""
    stage = opener.hubspot(3)
    replay.read(stage)
    assert "Nothing to say yet: nothing was written to the CRM" in stage.leadgauge("report").stdout


def test_an_empty_database_has_nothing_to_say_yet(opener: Opener) -> None:
    """It says so, and what to do."""
    stage = opener.hubspot(1)
    done = stage.leadgauge("report")
    assert done.returncode == 0, done.stderr
    assert "Nothing to say yet: no lead was read. `leadgauge backfill` reads and scores them." in done.stdout
