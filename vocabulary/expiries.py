"""What a connection depends on and what ends at a known time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Kind = Literal["certificate", "sign-in", "interface"]
"""A server's certificate, the certificate that we sign in with, or a part of the CRM's interface."""


@dataclass(frozen=True, slots=True)
class Expiry:
    """One thing that ends."""

    kind: Kind
    what: str
    """Worded as the subject of "ends"."""
    at: datetime
    remedy: str


def of_servers(ends: Mapping[str, datetime]) -> list[Expiry]:
    """Return the ends of servers' certificates, given by host."""
    remedy = "Whoever runs it, or a proxy that answers for it, has to renew it; calls fail from then on."
    return [Expiry("certificate", f"the certificate of {host}", at, remedy) for host, at in ends.items()]
