"""Names and labels of components, which a scorecard's prefix and title keep apart."""

from typing import Final

from connectors.salesforce.fields import field_name
from crm.boards import Board
from vocabulary.outputs import Of

_LONGEST_LABEL: Final = 40
"""Of a list view; other components take more."""


def api_name(board: Board, name: str) -> str:
    """Return the name of a component: `leadgauge_call_now` is `Acme_Leadgauge_Call_Now`."""
    return field_name(f"{board.prefix}leadgauge_{name}").removesuffix("__c")


def label(board: Board, text: str) -> str:
    """Return a label that names the scorecard where several may be side by side."""
    return f"{text}: {board.title}"[:_LONGEST_LABEL].rstrip() if board.title else text


def present(board: Board, of: Of, *keys: str) -> list[str]:
    """Return the fields of those outputs that the scorecard has, in this order."""
    shown = board.of(of)
    return [field_name(shown[key].output.name) for key in keys if key in shown]
