"""Salesforce: leads, contacts and activities in; scores out."""

from typing import TYPE_CHECKING, Any

from connectors.salesforce.settings import SalesforceSettings

if TYPE_CHECKING:
    from connectors.salesforce.connector import Salesforce

__all__ = ["Salesforce", "SalesforceSettings"]


def __getattr__(name: str) -> Any:
    """Import the connector lazily, because reading settings needs none of its libraries."""
    if name != "Salesforce":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from connectors.salesforce.connector import Salesforce  # noqa: PLC0415 - lazy on purpose

    return Salesforce
