"""Two scorecards of one connection, whose priorities have different names and orders."""

import json
from collections.abc import Callable
from typing import Any

from pipeline.passes import BACKFILL
from tests.stage import Stage

NAMES = (
    "  names: {Run: Call within the hour, Walk: Call this week, Rest: Invite to a webinar, Amble: Leave to marketing}\n"
)
WAS = {"P1": "Run", "P2": "Walk", "P3": "Rest", "P4": "Amble"}


def renamed(card: str) -> str:
    """Return the shipped card with other names, which are not in the order of the alphabet."""
    before, after = card.split("\npriority:", maxsplit=1)
    for old, new in WAS.items():
        after = after.replace(old, new)
    heading, body = after.split("\n", maxsplit=1)
    return f"{before}\npriority:{heading}\n{NAMES}{body}".replace("scorecard: b2b-saas", "scorecard: named")


def two_cards(connection: dict[str, Any]) -> None:
    del connection["scorecard"]
    connection["scorecards"] = [{"file": "b2b-saas.yaml"}, {"file": "named.yaml", "prefix": "n_"}]


def test_priorities_of_other_names_are_written_listed_and_ordered_beside_the_usual_ones(
    crm: Callable[..., Stage],
) -> None:
    stage = crm(60)
    card = (stage.folder / "b2b-saas.yaml").read_text()
    (stage.folder / "named.yaml").write_text(renamed(card))
    stage.configure(two_cards)
    stage.provision()
    stage.do(BACKFILL)
    written = stage.fields("lead_priority", "n_lead_priority", "n_lead_next_step")
    for values in written.values():
        assert values["n_lead_priority"] == WAS.get(values["lead_priority"])
    steps = {values["n_lead_priority"]: values["n_lead_next_step"] for values in written.values()}
    assert steps["Amble"] == "Leave to marketing"
    assert steps["Rest"].startswith("Invite to a webinar")
    shown = json.loads(stage.leadgauge("leads", "--top", "99", "--json").stdout)
    found = [one["results"]["lead_priority"] for one in shown if one["scorecard"] == "n_named"]
    assert found
    order = [name for name in (*WAS.values(), None) if name in found]
    assert found == sorted(found, key=order.index)
    usual, named = json.loads(stage.leadgauge("plan", "--json").stdout)
    assert list(named["priorities"]) == [name or "—" for name in order]
    assert list(usual["priorities"].values()) == list(named["priorities"].values())
