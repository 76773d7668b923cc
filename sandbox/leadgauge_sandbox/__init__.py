"""A local HubSpot and a local Salesforce over one invented population."""
