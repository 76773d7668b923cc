"""After the settings changed, a sync leaves the mirror as a fresh backfill would."""

from collections.abc import Callable
from typing import Any

import pytest

from pipeline.passes import BACKFILL, SYNC
from tests.stage import Stage

Open = Callable[..., Stage]
Change = Callable[[dict[str, Any]], None]


def kinds(stage: Stage) -> dict[str, int]:
    """Return the number of activities of each kind in the mirror."""
    with stage.job() as job:
        frames = job.mirror.frames(job.mirror.buckets, job.fields)
    counted = frames.activities.join(frames.touchpoints, on="touchpoint")["kind"].value_counts()
    return dict(counted.iter_rows())


def values(stage: Stage) -> list[dict[str, Any]]:
    with stage.job() as job:
        return job.mirror.frames(job.mirror.buckets, job.fields).leads.sort("lead").to_dicts()


def after(stage: Stage, change: Change) -> tuple[Any, Any]:
    """Return the mirror after a sync with changed settings, and after a fresh backfill with them."""
    stage.provision()
    stage.do(BACKFILL)
    stage.configure(change)
    stage.do(SYNC)
    found = kinds(stage), values(stage)
    stage.configure(change, "sqlite:///fresh.db")
    stage.do(BACKFILL)
    return found, (kinds(stage), values(stage))


def activities(**change: Any) -> Change:
    return lambda connection: connection.setdefault("activities", {}).update(change)


HUBSPOT = {
    "a kind is switched off": activities(calls=None, email_events={"OPEN": "email_open"}),
    "a kind is renamed": activities(meetings="visit", by_form=[{"match": ".", "kind": "any_form"}]),
    "less of the past": activities(since="60d"),
    "another property": lambda connection: connection["fields"].update(seniority="company.industry"),
}
SALESFORCE = {
    "a kind is switched off": activities(tasks=False),
    "a kind is renamed": activities(events={"kind": "visit"}),
    "another field": lambda connection: connection["fields"].update(seniority="LastName"),
    "a filter": lambda connection: connection.update(objects={"Lead": {"filter": "Company > 'M'"}, "Contact": True}),
}


@pytest.mark.parametrize("edit", HUBSPOT)
def test_a_sync_leaves_what_a_fresh_backfill_of_hubspot_would(hubspot: Open, edit: str) -> None:
    found, fresh = after(hubspot(60), HUBSPOT[edit])
    assert found == fresh


@pytest.mark.parametrize("edit", SALESFORCE)
def test_a_sync_leaves_what_a_fresh_backfill_of_salesforce_would(salesforce: Open, edit: str) -> None:
    found, fresh = after(salesforce(60), SALESFORCE[edit])
    assert found == fresh


def test_plan_names_what_is_read_again(hubspot: Open) -> None:
    stage = hubspot(30)
    stage.provision()
    stage.do(BACKFILL)
    assert "The settings changed" not in stage.leadgauge("plan").stdout
    stage.configure(activities(meetings="visit", calls=None))
    said = " ".join(stage.leadgauge("plan").stdout.split())
    assert "read again from the start: meetings" in said
    assert "no longer read, and removed from the mirror: calls" in said


def test_unchanged_settings_read_nothing_again(crm: Open) -> None:
    stage = crm(30)
    stage.provision()
    stage.do(BACKFILL)
    with stage.job() as job:
        streams = job.connector.streams()
        assert job.mirror.replanned(streams).again == ()
        assert all(stream.plan for stream in streams if stream.name != "deletions")
