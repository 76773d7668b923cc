"""The mirror: a copy of the CRM data that the scorecards need, and a record of what is missing from its answers."""
