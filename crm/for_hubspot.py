"""The generated files of the HubSpot project: cards, their entry points, and what they know of the scorecards."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from crm.boards import Board
from crm.component import MADE, outputs_js
from crm.copies import copies
from crm.workflow import workflows
from vocabulary.outputs import Of

CARDS: Final = "src/app/cards"
_OBJECTS: Final[dict[Of, tuple[str, str, str]]] = {
    "leads": ("contact", "contacts", "Lead scoring"),
    "accounts": ("company", "companies", "Account scoring"),
}
"""What HubSpot calls whose results they are: one, many, and the name of the card."""
_PLACES: Final = ("tab", "sidebar")


def files(boards: Sequence[Board]) -> Iterator[tuple[str, str]]:
    """Yield the paths and texts of the generated files."""
    yield from copies(f"{CARDS}/card")
    yield f"{CARDS}/card/outputs.js", outputs_js(boards, str)
    for path, workflow in workflows(boards):
        yield path, _json(workflow)
    for number, board in enumerate(boards):
        yield f"{CARDS}/{_entry(board)}", _entry_point(number)
        for of in (of for of in _OBJECTS if board.of(of)):
            for place in _PLACES:
                yield f"{CARDS}/{_stem(board, of, place)}-hsmeta.json", _json(_card(board, of, place))


def _stem(board: Board, of: Of, place: str) -> str:
    """Return what the file of a card is called: `contact-tab`, and `acme_contact-tab` with a prefix."""
    return f"{board.prefix}{_OBJECTS[of][0]}-{place}"


def _entry(board: Board) -> str:
    return f"{board.prefix}Leadgauge.tsx"


def _card(board: Board, of: Of, place: str) -> dict[str, Any]:
    """Return a card in one place; HubSpot knows it by its `uid` when the project is uploaded again.

    https://developers.hubspot.com/docs/apps/developer-platform/add-features/ui-extensions/create (2026-11)
    """
    one, many, name = _OBJECTS[of]
    return {
        "uid": f"{board.prefix}leadgauge_{one}_{place}",
        "type": "card",
        "config": {
            "name": f"{name}: {board.title}" if board.title else name,
            "description": f"How good and how ready the {one} is, what to do next, why, and until when.",
            "location": f"crm.record.{place}",
            "entrypoint": f"/app/cards/{_entry(board)}",
            "objectTypes": [many],
        },
    }


def _entry_point(number: int) -> str:
    """Return the entry of a scorecard's cards; several cards may share one, as HubSpot's own examples do."""
    return f"""// {MADE}
import {{ hubspot }} from "@hubspot/ui-extensions";
import {{ ScoreCard }} from "./ScoreCard.js";
import {{ SCORECARDS }} from "./card/outputs.js";

hubspot.extend<"crm.record.tab" | "crm.record.sidebar">(({{ context }}) => (
  <ScoreCard context={{context}} scorecard={{SCORECARDS[{number}]!}} />
));
"""


def _json(data: Any) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
