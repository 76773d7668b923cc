"""The account-based card through a whole pass, with the settings that `init` writes for it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest
from ruamel.yaml import YAML

from pipeline.job import Job
from pipeline.passes import BACKFILL, SYNC
from store import Frames
from tests.scoring.reference_accounts import together
from tests.stage import SHIPPED, Fields, Stage, plain

pytestmark = pytest.mark.slow
AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
TARGETLESS = {"hubspot": None, "salesforce": False}
"""What the CRMs say of an account that is no target: Salesforce has no unknown checkbox."""
PARTS = ("priority", "readiness", "urgency", "grade", "score", "fit", "engagement", "score_status")


def records(frame: pl.DataFrame, *dropped: str) -> Iterator[dict[str, Any]]:
    return frame.drop(dropped).iter_rows(named=True)


def expected(job: Job, frames: Frames) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the slow reference makes of the mirror's leads and accounts."""
    card = YAML(typ="safe").load(SHIPPED / "account-based.yaml")
    places = frames.activities.join(frames.touchpoints, on="touchpoint", how="left")
    histories: dict[str, list[dict[str, Any]]] = {}
    for one in records(places, "touchpoint"):
        histories.setdefault(one.pop("lead"), []).append(one)
    deals = list(records(frames.deals))
    assert frames.accounts is not None
    people = [
        (lead | {"deals": [one for one in deals if one["lead"] == lead["lead"]]}, histories.get(lead["lead"], []), None)
        for lead in records(frames.leads)
    ]
    firms = [
        (
            firm | {"deals": list({one["deal"]: one for one in deals if one["account"] == firm["account"]}.values())},
            None,
        )
        for firm in records(frames.accounts)
    ]
    return together(card, people, firms, AT)


def computed(one: Any) -> dict[str, str | None]:
    """Return what the reference computed of a lead or an account, as the CRM shows it."""
    found = {
        "priority": one.band,
        "readiness": one.computed["stage"],
        "urgency": one.computed["urgency"],
        "grade": one.computed["grade"],
        "score_status": one.status,
        **one.shown,
    }
    return {part: plain(found[part]) for part in PARTS}


def held(fields: Fields, of: str) -> dict[str, dict[str, str | None]]:
    """Return what the CRM holds, by neutral names."""
    return {one: {part: values[f"{of}_{part}"] for part in PARTS} for one, values in fields.items()}


def test_people_and_accounts_get_what_the_reference_says_of_roles_and_targets(crm: Callable[..., Stage]) -> None:
    stage = crm(60, at=AT)
    stage.configure(scorecard="account-based")
    stage.provision()
    assert stage.do(BACKFILL, now=lambda: AT).state == "done"
    with stage.job() as job:
        card = job.scorecards[0].card
        assert card.accounts is not None
        frames = job.mirror.frames(
            stage.people(), card.fields, card.deals, card.accounts.fields, list(stage.accounts())
        )
        leads, accounts = expected(job, frames)
    roles = frames.leads["buying_role"].drop_nulls()
    assert roles.len() > 10
    assert roles.list.len().max() == 2
    of_leads = stage.fields(*(f"lead_{part}" for part in PARTS))
    of_accounts = stage.accounts(*(f"account_{part}" for part in PARTS))
    assert held(of_leads, "lead") == {lead: computed(one) for lead, one in leads.items()}
    assert held(of_accounts, "account") == {account: computed(one) for account, one in accounts.items()}
    assert {line[1] for one in accounts.values() for line in one.lines} >= {"coverage", "person", "rule"}
    assert {one.values["target"] for one in accounts.values()} == {True, TARGETLESS[stage.crm]}
    assert stage.do(SYNC, now=lambda: AT).tally.written == 0
