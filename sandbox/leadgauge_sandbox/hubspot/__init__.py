"""A HubSpot that runs on this machine: a real HTTP server that answers as HubSpot does."""

from leadgauge_sandbox.hubspot.app import create_app
from leadgauge_sandbox.hubspot.clock import Clock

__all__ = ["Clock", "create_app"]
