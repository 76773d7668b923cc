"""A local HubSpot: a real HTTP server that responds like HubSpot."""

from leadgauge_sandbox.hubspot.app import create_app
from leadgauge_sandbox.hubspot.clock import Clock

__all__ = ["Clock", "create_app"]
