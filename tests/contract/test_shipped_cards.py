"""The shipped scorecard of products that sell themselves, on both CRMs."""

from collections.abc import Callable

import pytest

from pipeline.passes import BACKFILL, SYNC
from tests.stage import Stage

pytestmark = pytest.mark.slow
STAND_INS: dict[str, dict[str, str]] = {
    "hubspot": {
        "plan": "hs_analytics_source",
        "trial_ends": "purchase_by",
    },
    "salesforce": {
        "plan": "LeadSource",
        "trial_ends": "Purchase_By__c",
    },
}
"""Fields of the sandboxes for those that only real CRMs have."""


def test_the_card_of_products_scores_the_leads_of_both_crms(crm: Callable[..., Stage]) -> None:
    stage = crm(80)
    stage.configure(lambda connection: connection["fields"].update(STAND_INS[stage.crm]), scorecard="product-led")
    stage.provision()
    assert stage.do(BACKFILL).state == "done"
    with stage.job() as job:
        found = job.scorecards[0].outbox.top(999)
    assert found["lead_priority"].drop_nulls().len() > 60
    assert found["lead_readiness"].n_unique() > 3
    assert stage.do(SYNC).tally.written == 0
