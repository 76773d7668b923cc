"""The shipped scorecards, and the published models in docs/models, score as the reference does."""

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.scoring.comparing import compare
from tests.scoring.conftest import AS_OF

ROOT = Path(__file__).parents[2]
FILES = [*sorted((ROOT / "config").glob("*.yaml")), *sorted((ROOT / "docs" / "models").glob("*.yaml"))]
CARDS = [path for path in FILES if "\nscorecard:" in "\n" + path.read_text(encoding="utf-8")]


def leaves(node: Any) -> Iterator[Any]:
    """Every scalar in a scorecard: the values its conditions look for."""
    if isinstance(node, dict):
        for name, inner in node.items():
            yield name
            yield from leaves(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from leaves(inner)
    else:
        yield node


def person(chance: random.Random, card: dict[str, Any], words: list[str], numbers: list[float]) -> dict[str, Any]:
    """A lead with mostly values that the scorecard looks for; the reference does not know dates, see test_dates.py."""
    draw = {
        "text": lambda: chance.choice(words),
        "number": lambda: chance.choice(numbers) + chance.choice([-1.0, 0.0, 1.0]),
        "flag": lambda: chance.random() < 0.5,
        "time": lambda: AS_OF + timedelta(hours=chance.randint(-4000, 4000)),
        "list": lambda: chance.sample(words, 2),
    }
    drawn = {name: draw[kind]() for name, kind in card["fields"].items() if kind in draw and chance.random() < 0.8}
    return drawn | ({"deals": [deal(chance) for _ in range(chance.choice([0, 0, 1, 2]))]} if "deals" in card else {})


def deal(chance: random.Random) -> dict[str, Any]:
    """A deal that is open, won or lost, or of which that is not known."""
    is_open, won = chance.choice([(True, False), (False, True), (False, False), (None, None)])
    return {"open": is_open, "won": won, "closed_at": AS_OF + timedelta(hours=chance.randint(-4000, 400))}


def history(chance: random.Random, words: list[str]) -> list[dict[str, Any]]:
    return [
        {
            "id": str(number),
            "kind": chance.choice([*KINDS, "page_view", chance.choice(words)]),
            "occurred_at": AS_OF - timedelta(hours=chance.triangular(0, 4000, 0)),
            "url": chance.choice(
                [None, *words, "https://example.com/pricing?utm_source=a", "/blog", "/careers", "/demo"]
            ),
            "name": chance.choice([None, *words]),
            "seconds": chance.choice([None, 10.0, 60.0, 300.0]),
            "value": chance.choice([None, 0.0, 1.0, 100.0]),
        }
        for number in range(chance.randint(0, 25))
    ]


KINDS = [
    "page_view",
    "email_open",
    "email_click",
    "form_submit",
    "content_download",
    "webinar_attend",
    "event_attend",
    "demo_request",
    "pricing_request",
    "trial_start",
    "product_use",
    "call",
    "call_attempt",
    "meeting",
    "no_show",
    "sales_email",
    "unsubscribe",
    "bounce",
]


@pytest.mark.parametrize("path", CARDS, ids=lambda path: path.stem)
def test_a_shipped_scorecard_scores_as_the_reference_says(path: Path) -> None:
    card = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    chance = random.Random(path.stem)
    found = list(leaves({name: card[name] for name in card if name != "examples"}))
    words = [word for word in found if isinstance(word, str)]
    numbers = [float(number) for number in found if isinstance(number, int | float)]
    stages = [stage["name"] for stage in card.get("readiness", {}).get("stages", [])]
    people = [
        (person(chance, card, words, numbers), history(chance, words), chance.choice([None, *stages]))
        for _ in range(60)
    ]
    compare(card, people, AS_OF)
