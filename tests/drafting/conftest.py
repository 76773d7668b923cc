"""Fixtures for drafting from a CRM."""

from tests.stage import crm, hubspot, opener, salesforce

__all__ = ["crm", "hubspot", "opener", "salesforce"]
