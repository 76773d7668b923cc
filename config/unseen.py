"""Finds experiments with an order that nobody sees, because the index that makes it is not written."""

from collections.abc import Iterator
from typing import Final

from config.settings import AnyConnection
from vocabulary.findings import Finding
from vocabulary.outputs import BY_NAME, OFS, field_of

_INDEX: Final = BY_NAME["lead_priority_index"]


def unseen(connection: AnyConnection) -> Iterator[Finding]:
    """Yield a warning for each experiment whose priority index is not written to the CRM."""
    for use in connection.scorecards:
        for of in OFS:
            card = use.card_of(of)
            if card and card.priority and card.priority.experiment and not connection.writes(_INDEX, use, of):
                field = field_of(_INDEX.name, of)
                message = f"`experiment` changes the order of {of} for nobody: `{field}` is not written to the CRM."
                remedy = f"Add `{field}: true` to `outputs` and sort lists by it, or remove `experiment`."
                yield Finding("warning", use.card.name, message, remedy)
