"""A HubSpot and a Salesforce that run on this machine, over one invented population."""
