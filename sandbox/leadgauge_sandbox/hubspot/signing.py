"""Signed URLs of export files."""

import hashlib
from typing import Final

from leadgauge_sandbox.hubspot.jobs import Export
from leadgauge_sandbox.hubspot.portal import Portal

LIFETIME: Final = 300_000
"""Milliseconds until the URL of a finished export expires."""


def signature(portal: Portal, job: Export, expires: int) -> str:
    """Return the signature of an export's URL."""
    text = f"{portal.tokens.static}|{job.number}|{expires}"
    return hashlib.sha256(text.encode()).hexdigest()


def address(portal: Portal, job: Export, base: str) -> str:
    """Return a new signed URL of a finished export."""
    expires = portal.clock.now() + LIFETIME
    return (
        f"{base}/_files/export-{job.number}.{job.suffix}?expires={expires}&signature={signature(portal, job, expires)}"
    )
