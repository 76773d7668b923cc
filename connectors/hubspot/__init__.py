"""HubSpot: contacts, companies and activities in; scores out."""

from connectors.hubspot.connector import HubSpot

__all__ = ["HubSpot"]
