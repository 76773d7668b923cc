"""The shipped scorecards that score accounts too, on both CRMs."""

from collections.abc import Callable
from typing import Any

import pytest

from config.loading import load_scorecard
from pipeline.passes import BACKFILL, SYNC
from tests.config.cards import SHIPPED
from tests.stage import Stage

pytestmark = pytest.mark.slow
STAND_INS: dict[str, dict[str, dict[str, Any]]] = {
    "hubspot": {
        "fields": {"plan": "hs_analytics_source", "trial_ends": "purchase_by", "buying_role": "hs_analytics_source"},
        "accounts": {"target": "free_mailbox(domain)"},
    },
    "salesforce": {
        "fields": {"plan": "LeadSource", "trial_ends": "Purchase_By__c", "buying_role": "LeadSource"},
        "accounts": {"target": "free_mailbox(Website)"},
    },
}
"""Fields of the sandboxes for those that only real CRMs have."""


@pytest.mark.parametrize("card", ["product-led", "account-based"])
def test_a_card_with_accounts_scores_the_leads_of_both_crms(crm: Callable[..., Stage], card: str) -> None:
    stage = crm(80)
    (stage.folder / f"{card}.yaml").write_bytes((SHIPPED / f"{card}.yaml").read_bytes())
    declared = load_scorecard(SHIPPED / f"{card}.yaml")

    def use(connection: dict[str, Any]) -> None:
        connection["scorecard"] = f"{card}.yaml"
        of_accounts = declared.accounts.fields if declared.accounts is not None else {}
        for section, names in (("fields", declared.fields), ("accounts", of_accounts)):
            mapped = connection[section] | STAND_INS[stage.crm][section]
            connection[section] = {name: mapped[name] for name in names}

    stage.configure(use)
    stage.provision()
    assert stage.do(BACKFILL).state == "done"
    with stage.job() as job:
        found = job.scorecards[0].outbox.top(999)
    assert found["lead_priority"].drop_nulls().len() > 60
    assert found["lead_readiness"].n_unique() > 3
    assert stage.do(SYNC).tally.written == 0
