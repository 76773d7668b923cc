"""Connectors: one CRM each behind the protocol in `connectors.base`."""
