"""Turn a score of HubSpot's Lead Scoring API into a scorecard and the settings that it needs."""

from config.importing.hubspot.imported import from_hubspot

__all__ = ["from_hubspot"]
