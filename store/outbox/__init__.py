"""The outbox: what was computed, what the CRM was told, and what its fields hold."""
