"""The filters of searches for what changed in a window of time."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from connectors.hubspot.spans import Span

WITHOUT: Final = "without"
"""The key of a span with the writes of ours that its search leaves out (see `echoes`)."""
Filters = Sequence[Mapping[str, Any]]


def between(name: str, low: int, high: int | None) -> dict[str, Any]:
    """Return the filter for a time from `low` to `high`, both included, or without an end."""
    until = {"operator": "GTE"} if high is None else {"operator": "BETWEEN", "highValue": str(high)}
    return {"propertyName": name, "value": str(low), **until}


def changed(modified: str, span: Span) -> list[Filters]:
    """Return the groups of filters, one of which must hold, for records modified in a window.

    A window that leaves nothing out has one group of at most three filters, which is within every limit that HubSpot
    has stated (three per group until 2024):
    https://developers.hubspot.com/changelog/breaking-change-expanded-filtering-capabilities-and-error-messaging-in-hubspots-search-api
    Others have up to five groups of 17 filters in all; 5 groups of 6 and 18 in all are allowed since (2026-11).
    """
    bounds = {"GT": span.get("above"), "LTE": span.get("up_to")}
    of_ids = [
        {"propertyName": "hs_object_id", "operator": operator, "value": str(bound)}
        for operator, bound in bounds.items()
        if bound
    ]
    return [[*group, *of_ids] for group in _groups(modified, span)]


def _groups(modified: str, span: Span) -> Iterator[Filters]:
    low, high = int(span["low"]), span.get("high")
    for echo in span.get(WITHOUT) or ():
        name, scored_at, begin, end = echo
        if begin > low:
            yield [between(modified, low, begin - 1)]
        yield [between(modified, max(low, begin), _least(end, high)), _other(name, scored_at)]
        low = max(low, end + 1)
    if high is None or low <= int(high):
        yield [between(modified, low, high)]


def _other(name: str, scored_at: int) -> dict[str, Any]:
    """Return the filter for any other value, or none."""
    return {"propertyName": name, "operator": "NEQ", "value": str(scored_at)}


def _least(*bounds: int | None) -> int:
    return min(int(bound) for bound in bounds if bound is not None)
