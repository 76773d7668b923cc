"""The outbox: the computed results, what was last written to the CRM, and what its fields hold."""
