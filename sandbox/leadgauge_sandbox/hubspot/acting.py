"""Helpers for the activity endpoints: the contact and URL of an activity, and iterating over a stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadgauge_sandbox.catalogue import PLACES, SITE, TAGS
from leadgauge_sandbox.hubspot.portal import addressed
from leadgauge_sandbox.hubspot.streams import Act, Anchor, Stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leadgauge_sandbox.hubspot.portal import Portal
    from leadgauge_sandbox.hubspot.table import Record


def contact_of(portal: Portal, act: Act) -> Record | None:
    """Return the contact an activity belongs to now; None if it was erased or deleted."""
    return portal.tables["0-1"].find(act.contact)


def recipient_of(portal: Portal, act: Act, at: int) -> str:
    """Return a contact's address at that time, regardless of later merges and address changes."""
    record = portal.tables["0-1"].records.get(act.contact)
    had = addressed(record) if record else portal.former.get(act.contact, [])
    return next((address for since, address in reversed(had) if since <= at), had[0][1] if had else "")


def url_of(act: Act) -> str:
    """Return the URL of an activity as the browser saw it."""
    return (PLACES[act.place].url or SITE) + TAGS[act.tag]


def walk(stream: Stream, low: int, high: int, token: str | None, *, newest_first: bool) -> Iterator[Act]:
    """Iterate over the entries with low <= time < high, starting at the anchor in the token."""
    if token:
        at = Anchor.read(token).at
        low, high = (low, min(high, at + 1)) if newest_first else (max(low, at), high)
    span = stream.span(low, high)
    return (stream[position] for position in (reversed(span) if newest_first else span))
