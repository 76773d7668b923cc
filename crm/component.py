"""`outputs.js`: what both components know of the scorecards, so that no field name stands in their code."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from crm.boards import Board, Shown

MADE: Final = "Written by leadgauge: change nothing here."
HEAD: Final = f'// {MADE}\n\n/** @type {{import("./card.js").Scorecard[]}} */\n'

Naming = Callable[[str], str]
"""How the CRM writes the name of a field."""


def outputs_js(boards: Sequence[Board], naming: Naming) -> str:
    """Return the module with the scorecards, one line for each output."""
    return f"{HEAD}export const SCORECARDS = [\n" + "".join(_board(board, naming) for board in boards) + "];\n"


def _board(board: Board, naming: Naming) -> str:
    accounts = "null" if board.accounts is None else _all(board.accounts, naming)
    return (
        "  {\n"
        f"    prefix: {_js(board.prefix)},\n"
        f"    title: {_js(board.title)},\n"
        f"    horizonDays: {_js(_plain(board.horizon))},\n"
        f"    timeZone: {_js(board.zone)},\n"
        f"    leads: {_all(board.leads, naming)},\n"
        f"    accounts: {accounts},\n"
        "  },\n"
    )


def _all(shown: Mapping[str, Shown], naming: Naming) -> str:
    lines = [f"      {key}: {_one(one, naming)},\n" for key, one in shown.items()]
    return "{\n" + "".join(lines) + "    }"


def _one(shown: Shown, naming: Naming) -> str:
    output = shown.output
    told: dict[str, Any] = {"field": naming(output.name), "label": output.label, "expected": shown.expected}
    if shown.limits is not None:
        told |= {"minimum": _plain(shown.limits[0]), "maximum": _plain(shown.limits[1])}
    if output.type == "choice":
        told |= {"choices": output.choices, "sentences": [output.sentence_of(choice) for choice in output.choices]}
    return "{ " + ", ".join(f"{name}: {_js(value)}" for name, value in told.items()) + " }"


def _plain(number: float | None) -> float | None:
    """Return a number without a fraction as a whole one, as people write it."""
    return int(number) if number is not None and number == int(number) else number


def _js(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
