"""Signed addresses of the files that exports make."""

import hashlib
from typing import Final

from leadgauge_sandbox.hubspot.jobs import Export
from leadgauge_sandbox.hubspot.portal import Portal

LIFETIME: Final = 300_000
"""Milliseconds for which the address of a finished export works."""


def signature(portal: Portal, job: Export, expires: int) -> str:
    """Return what proves that an export's address came from this account."""
    text = f"{portal.tokens.static}|{job.number}|{expires}"
    return hashlib.sha256(text.encode()).hexdigest()


def address(portal: Portal, job: Export, base: str) -> str:
    """Return a fresh signed address of a finished export."""
    expires = portal.clock.now() + LIFETIME
    return (
        f"{base}/_files/export-{job.number}.{job.suffix}?expires={expires}&signature={signature(portal, job, expires)}"
    )
