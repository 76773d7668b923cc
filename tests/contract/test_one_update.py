"""What workflows and enrichment tools of the CRM build on: a lead is updated whole, and what others write counts."""

from collections import Counter
from collections.abc import Callable

from connectors.salesforce.fields import field_name
from pipeline.passes import BACKFILL, SYNC
from tests.stage import Stage, crm, opener  # noqa: F401 - fixtures
from vocabulary.outputs import OUTPUTS

Open = Callable[..., Stage]
NAMES = [output.name for output in OUTPUTS]


def test_all_fields_of_a_lead_go_out_in_one_update(crm: Open) -> None:  # noqa: F811
    """A workflow that starts when a priority rises finds the next step of the same pass beside it."""
    stage = crm(30)
    stage.provision()
    stage.trap.rows.clear()
    for act, kind in (((), BACKFILL), (("demo_request",), SYNC)):
        before = stage.fields(*NAMES)
        for what in act:
            for lead in stage.people()[:5]:
                stage.act(lead, what)
        assert stage.do(kind).tally.written >= 5
        after, rows = stage.fields(*NAMES), dict(stage.trap.rows)
        assert set(Counter(lead for lead, _ in stage.trap.rows).values()) == {1}
        stage.trap.rows.clear()
        for lead in after:
            changed = {name for name in NAMES if after[lead][name] != before[lead][name]}
            wanted = changed if stage.crm == "hubspot" else {field_name(name) for name in changed}
            assert wanted <= rows.get(lead, frozenset()), lead


def test_what_an_enrichment_tool_writes_counts_in_the_next_pass(crm: Open) -> None:  # noqa: F811
    """It writes a mapped field of the CRM; it calls nothing of ours."""
    stage = crm(30)
    stage.provision()
    stage.do(BACKFILL)
    before = stage.fields("lead_score", "lead_grade", "lead_scored_at")
    lead = next(
        lead for lead in stage.people() if before[lead]["lead_grade"] in {"C", "C-", "C+", "D", "D+", "D-", "B-"}
    )
    stage.meddle(lead, "budget", "50000")
    assert stage.do(SYNC).tally.written == 1
    after = stage.fields("lead_score", "lead_grade", "lead_scored_at")
    assert [one for one in after if after[one] != before[one]] == [lead]
    assert after[lead]["lead_grade"] != before[lead]["lead_grade"]
