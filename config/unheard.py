"""Finds sinks of `notify` that will never hear what they are to be told."""

from collections.abc import Iterator

from config.settings import AnyConnection
from vocabulary.findings import Finding
from vocabulary.outputs import BY_NAME, PRIORITY


def unheard(connection: AnyConnection) -> Iterator[Finding]:
    """Yield a warning if sinks are told about the first priority, and no scorecard writes one to the CRM."""
    told = connection.notify
    sinks = [*told.telling("priority"), *told.telling("digest")] if told else []
    written = (use.card.priorities and connection.writes(BY_NAME[PRIORITY], use) for use in connection.scorecards)
    if sinks and not any(written):
        names = ", ".join(dict.fromkeys(sinks))
        message = f"Nobody is told about leads ({names}): no scorecard of this connection writes `{PRIORITY}`."
        remedy = f"Add `priority` to a scorecard, or take `{PRIORITY}: false` out of `outputs`."
        yield Finding("warning", "notify", message, remedy)
