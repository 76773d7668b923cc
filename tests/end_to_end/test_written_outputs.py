"""Which outputs are in the CRM: the small default set, what is asked for, and what is no longer written."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from pipeline.passes import BACKFILL, REFRESH, SYNC, PassOptions
from tests.stage import Stage
from vocabulary.outputs import DEFAULTS, OUTPUTS

Open = Callable[..., Stage]
NAMES = [output.name for output in OUTPUTS]


def asks(stage: Stage, outputs: Any) -> None:
    """Put `outputs` into the settings; None takes the option out."""

    def change(connection: dict[str, Any]) -> None:
        del connection["outputs"]
        connection.update({} if outputs is None else {"outputs": outputs})

    stage.configure(change)


def provisioned(stage: Stage) -> set[str]:
    return {one["output"] for one in json.loads(stage.leadgauge("provision", "--json").stdout)}


def held(stage: Stage) -> set[str]:
    """Return the outputs that some lead holds a value of."""
    return {name for values in stage.fields(*NAMES).values() for name, value in values.items() if value}


def test_by_default_only_what_sales_reads_is_created_and_written(crm: Open) -> None:
    """Everything else is computed all the same: `explain`, `plan` and `status` show it."""
    stage = crm(20)
    asks(stage, None)
    assert provisioned(stage) == set(DEFAULTS)
    assert stage.do(BACKFILL).tally.written == 20
    assert held(stage) == set(DEFAULTS)
    with stage.job() as job:
        assert job.scorecards[0].outbox.top(1)["lead_score"].item() is not None
    assert stage.do(BACKFILL).tally.written == 0


def test_a_switch_adds_one_output_and_takes_another_away(crm: Open) -> None:
    stage = crm(20)
    asks(stage, {"lead_score": True, "lead_grade": False})
    expected = {*DEFAULTS, "lead_score"} - {"lead_grade"}
    assert provisioned(stage) == expected
    stage.do(BACKFILL)
    assert held(stage) == expected
    lead = stage.people()[0]
    stage.act(lead, "demo_request")
    stage.do(SYNC)
    assert held(stage) == expected


def test_fields_that_are_no_longer_written_keep_their_values_and_are_named(crm: Open) -> None:
    """An upgrade from all outputs to the default set writes nobody again."""
    stage = crm(20)
    stage.provision()
    stage.do(BACKFILL)
    before = stage.fields("lead_score", "lead_fit")
    asks(stage, None)
    assert "no longer does" in stage.leadgauge("check", "--json").stdout
    assert stage.do(BACKFILL).tally.written == 0
    assert stage.fields("lead_score", "lead_fit") == before
    status = json.loads(stage.leadgauge("status", "--json").stdout)[0]
    gone = set(NAMES) - set(DEFAULTS) - {"lead_likelihood"}
    assert {name.split(".")[-1].removesuffix("__c").lower() for name in status["unwritten"]} >= gone
    shown = " ".join(stage.leadgauge("status").stdout.split())
    assert "no longer does" in shown
    assert "`outputs: all`" in shown
    assert stage.leadgauge("provision", "--remove", "--orphans", "--yes").returncode == 0
    assert json.loads(stage.leadgauge("status", "--json").stdout)[0]["unwritten"] == []
    assert "no longer does" not in stage.leadgauge("check", "--json").stdout
    stage.configure()
    stage.provision()
    assert stage.do(BACKFILL).tally.written == 20
    assert stage.fields("lead_score", "lead_fit") == before


LASTING = ("lead_priority_since", "lead_priority_rose_at", "lead_expires_at")


def test_a_priority_rises_by_what_the_lead_did_and_keeps_its_moments_otherwise(crm: Open) -> None:
    """Neither a backfill, a rewrite nor an undo changes since when a priority holds."""
    stage = crm(40)
    stage.provision()
    stage.do(BACKFILL)
    first = stage.fields("lead_priority", *LASTING)
    assert {values["lead_priority_rose_at"] for values in first.values()} == {None}
    assert all(bool(values["lead_priority"]) == bool(values["lead_priority_since"]) for values in first.values())
    lead = next(lead for lead, values in first.items() if values["lead_priority"] == "P3")
    stage.act(lead, "demo_request")
    synced = stage.do(SYNC)
    then = stage.fields("lead_priority", *LASTING, "lead_next_step")
    assert then[lead]["lead_priority"] in {"P1", "P2"}
    assert (
        then[lead]["lead_priority_rose_at"] == then[lead]["lead_priority_since"] != first[lead]["lead_priority_since"]
    )
    assert (then[lead]["lead_next_step"] or "").startswith("Call ")
    stage.do(BACKFILL)
    stage.do(BACKFILL, PassOptions(rewrite=True, accept=True))
    assert stage.fields("lead_priority", *LASTING, "lead_next_step") == then
    assert stage.leadgauge("undo", str(synced.run)).returncode == 0
    assert stage.fields("lead_priority", *LASTING)[lead] == first[lead]
    stage.do(SYNC, PassOptions(accept=True))
    assert stage.fields("lead_priority", *LASTING, "lead_next_step") == then


def test_a_night_without_news_writes_only_the_leads_for_whom_something_changed(crm: Open) -> None:
    stage = crm(60)
    asks(stage, None)
    stage.provision()
    stage.do(BACKFILL)
    before = stage.fields(*DEFAULTS)
    stage.live(timedelta(hours=11), pace=0)
    written = stage.do(REFRESH, now=lambda: stage.moment).tally.written
    after = stage.fields(*DEFAULTS)
    changed = [lead for lead in after if after[lead] != before[lead]]
    assert written == len(changed) < 20
    assert all(
        any(after[lead][name] != before[lead][name] for name in set(DEFAULTS) - {"lead_scored_at"}) for lead in changed
    )


def test_a_field_that_is_no_longer_written_is_emptied_with_the_others_when_its_lead_is_excluded(crm: Open) -> None:
    stage = crm(40)
    stage.provision()
    stage.do(BACKFILL)
    before = stage.fields("lead_score")

    def excluding(connection: dict[str, Any]) -> None:
        connection.update(outputs={}, exclude={"germans": {"country": "DE"}})

    stage.configure(excluding)
    stage.do(BACKFILL, PassOptions(accept=True))
    after = stage.fields("lead_score", "lead_scored_at")
    gone = [lead for lead, values in after.items() if values["lead_scored_at"] is None]
    assert any(before[lead]["lead_score"] for lead in gone)
    assert not any(after[lead]["lead_score"] for lead in gone)
    assert all(after[lead]["lead_score"] == before[lead]["lead_score"] for lead in after if lead not in gone)
