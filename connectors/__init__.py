"""Connectors, each for one CRM, that implement the protocol in `connectors.base`."""
