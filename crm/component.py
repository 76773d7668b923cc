"""`outputs.js`: the scorecards as both components see them, so that their code names no field."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from crm.boards import Board, Shown
from vocabulary.feedback import FEEDBACK

MADE: Final = "Written by leadgauge: change nothing here."
HEAD: Final = f'// {MADE}\n\n/** @type {{import("./card.js").Scorecard[]}} */\n'

Naming = Callable[[str], str]
"""How the CRM writes the name of a field."""


def outputs_js(boards: Sequence[Board], naming: Naming) -> str:
    """Return the module with the scorecards, one line for each output."""
    return f"{HEAD}export const SCORECARDS = [\n" + "".join(map(_board, scorecards(boards, naming))) + "];\n"


def scorecards(boards: Sequence[Board], naming: Naming) -> list[dict[str, Any]]:
    """Return the scorecards as the components take them."""
    return [
        {
            "prefix": board.prefix,
            "title": board.title,
            "horizonDays": _plain(board.horizon),
            "timeZone": board.zone,
            "leads": {key: _one(shown, naming) for key, shown in _of_leads(board).items()},
            "accounts": None
            if board.accounts is None
            else {key: _one(shown, naming) for key, shown in board.accounts.items()},
        }
        for board in boards
    ]


def _of_leads(board: Board) -> Mapping[str, Shown]:
    """Return what is shown of leads, with what sales says of them."""
    return board.leads if board.feedback is None else {**board.leads, FEEDBACK: board.feedback}


def _one(shown: Shown, naming: Naming) -> dict[str, Any]:
    output = shown.output
    field = shown.field or naming(output.name)
    told: dict[str, Any] = {"field": field, "label": output.label, "expected": shown.expected}
    if shown.limits is not None:
        told |= {"minimum": _plain(shown.limits[0]), "maximum": _plain(shown.limits[1])}
    if output.type == "choice" and output.choices:
        told |= {"choices": output.choices, "sentences": [output.sentence_of(choice) for choice in output.choices]}
    return told


def _board(scorecard: Mapping[str, Any]) -> str:
    return (
        "  {\n"
        + "".join(
            f"    {name}: {_outputs(value) if isinstance(value, dict) else _js(value)},\n"
            for name, value in scorecard.items()
        )
        + "  },\n"
    )


def _outputs(outputs: Mapping[str, Mapping[str, Any]]) -> str:
    lines = [
        f"      {key}: {{ " + ", ".join(f"{name}: {_js(value)}" for name, value in one.items()) + " },\n"
        for key, one in outputs.items()
    ]
    return "{\n" + "".join(lines) + "    }"


def _plain(number: float | None) -> float | None:
    """Return a number without a fraction as a whole one, as people write it."""
    return int(number) if number is not None and number == int(number) else number


def _js(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
