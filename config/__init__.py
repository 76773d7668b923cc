"""Typed settings and scorecards. They are checked together, and every mistake is reported with its line."""

from config.loading import load_scorecard, load_settings
from config.mistakes import ConfigError, Mistake
from config.outline import Outline, load_outline
from config.secrets import require_secrets
from config.settings import AnyConnection, Connection, HubSpotConnection, SalesforceConnection, Settings

__all__ = [
    "AnyConnection",
    "ConfigError",
    "Connection",
    "HubSpotConnection",
    "Mistake",
    "Outline",
    "SalesforceConnection",
    "Settings",
    "load_outline",
    "load_scorecard",
    "load_settings",
    "require_secrets",
]
