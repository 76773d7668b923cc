"""HubSpot: contacts, companies and activities in; scores out."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from connectors.hubspot.connector import HubSpot

__all__ = ["HubSpot"]


def __getattr__(name: str) -> Any:
    """Import the connector lazily, because reading settings needs none of its libraries."""
    if name != "HubSpot":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from connectors.hubspot.connector import HubSpot  # noqa: PLC0415 - lazy on purpose

    return HubSpot
