"""A HubSpot that runs on this machine: a real HTTP server that answers as HubSpot does."""

from sandbox.hubspot.app import create_app
from sandbox.hubspot.clock import Clock

__all__ = ["Clock", "create_app"]
