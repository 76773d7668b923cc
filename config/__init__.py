"""Settings and scorecards: typed, checked together, every mistake with its line."""

from config.loading import load_scorecard, load_settings
from config.mistakes import ConfigError, Mistake
from config.settings import Connection, HubSpotConnection, SalesforceConnection, Settings

__all__ = [
    "ConfigError",
    "Connection",
    "HubSpotConnection",
    "Mistake",
    "SalesforceConnection",
    "Settings",
    "load_scorecard",
    "load_settings",
]
