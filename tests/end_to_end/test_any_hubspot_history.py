"""After any history of changes in HubSpot, sync, reconcile and refresh leave what a fresh backfill would."""

import inspect
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

import pytest

from leadgauge_sandbox.hubspot.deeds import Deeds
from tests.end_to_end.histories import Deed, Edit, People, same_as_fresh
from tests.stage import Stage
from vocabulary.rows import address_digest

Open = Callable[..., Stage]
START = "2026-11-20T12:00:00+00:00"
BY_ADDRESS = ("email:", "form:")


class HubSpotPeople(People):
    """Random actions of the users of a portal, and of its contacts."""

    busy = 24

    def __init__(self, stage: Stage, seed: int) -> None:
        super().__init__(stage, seed)
        self.portal = stage.app.state.portal
        self.done = Deeds(self.portal, stage.app.state.filling.act, self.draw)

    def deeds(self) -> Sequence[Deed]:
        return [deed for name, deed in inspect.getmembers(self.done, inspect.ismethod) if not name.startswith("_")]

    def settings(self, connection: dict[str, Any]) -> None:
        """Read deals, notes and tasks too.

        Without the events API, derived properties would count page views since the first pull only, so they are off.
        """
        connection["outcomes"] = {"opportunities": True}
        connection["activities"] = {"notes": "call", "tasks": "call"}
        if not self.portal.enterprise:
            connection["activities"]["derived"] = False

    def edits(self) -> Sequence[Edit]:
        """Switch kinds off, rename them, map a field to another property, read another date of conversion."""
        return (
            lambda connection: connection["activities"].update(notes=None),
            lambda connection: connection["activities"].update(calls="meeting"),
            lambda connection: connection["activities"].update(by_form=[{"match": "demo", "kind": "contact_request"}]),
            lambda connection: connection["activities"].update(email_events={"OPEN": None}),
            lambda connection: connection["activities"].update(webinars={"REGISTERED": None}),
            lambda connection: connection["fields"].update(industry="company.country"),
            lambda connection: connection["fields"].update(source="lead_source"),
            lambda connection: connection["outcomes"].update(opportunities=False),
            lambda connection: connection["outcomes"].update(customer=None),
        )

    def is_ours_alone(self, table: str, row: tuple[Any, ...]) -> bool:
        """Return whether it names an address that somebody lost: what was claimed stays, a fresh mirror waits."""
        if table == "unclaimed":
            return row[0] in {address_digest(address) for address in self.done.parted.values()}
        return table == "activities" and row[1].startswith(BY_ADDRESS) and row[0] in self.unlike()

    def unlike(self) -> Collection[str]:
        found = (self.portal.tables["0-1"].find(contact) for contact in self.done.parted)
        return {str(record.id) for record in found if record is not None}


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 12))])
def test_sync_and_reconcile_leave_what_a_fresh_backfill_would(hubspot: Open, seed: int) -> None:
    stage = hubspot(30, at=datetime.fromisoformat(START))
    stage.app.state.portal.enterprise = seed % 2 == 0
    stage.provision()
    same_as_fresh(stage, HubSpotPeople(stage, seed))
