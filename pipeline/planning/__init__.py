"""The plan: what a run would change, and how people see it."""
