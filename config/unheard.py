"""Finds sinks of `notify` that will never hear what they are to be told."""

from collections.abc import Iterator

from config.notify import OWNERS
from config.settings import AnyConnection
from vocabulary.findings import Finding
from vocabulary.outputs import BY_NAME, OFS, PRIORITY, Of


def unheard(connection: AnyConnection) -> Iterator[Finding]:
    """Yield a warning if sinks are told about the first priority, and no scorecard writes one to the CRM.

    Also if accounts have one, and a sink that asks for its owners' cannot know the owners of accounts.
    """
    told = connection.notify
    sinks = {**told.telling("priority"), **told.telling("digest")} if told else {}
    for name, sink in sinks.items():
        field = sink.owner_field
        if field and sink.owners and sink.owners.ids and _writes(connection, "accounts"):
            yield from _unowned(connection, name, field)
    if sinks and not any(_writes(connection, of) for of in OFS):
        names = ", ".join(sinks)
        message = f"Nobody is told about leads ({names}): no scorecard of this connection writes `{PRIORITY}`."
        remedy = f"Add `priority` to a scorecard, or take `{PRIORITY}: false` out of `outputs`."
        yield Finding("warning", "notify", message, remedy)


def _writes(connection: AnyConnection, of: Of) -> bool:
    """Return whether a scorecard writes priorities of leads, or of accounts."""
    cards = ((use, use.card_of(of)) for use in connection.scorecards)
    return any(card and card.priorities and connection.writes(BY_NAME[PRIORITY], use, of) for use, card in cards)


def _unowned(connection: AnyConnection, sink: str, field: str) -> Iterator[Finding]:
    if field not in connection.accounts:
        missing = f"nothing is mapped to `{field}` under `accounts`"
        message = f"The sink {sink} has `owners.ids` and hears of no account, because {missing}."
        remedy = f"Add `{field}: {OWNERS[connection.crm]}` under `accounts`."
        yield Finding("warning", "accounts", message, remedy)
