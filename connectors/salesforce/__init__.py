"""Salesforce behind the connector protocol."""
