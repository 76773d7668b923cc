"""The mirror: what the CRM holds, as far as a scorecard needs it, and what its answers lack."""
