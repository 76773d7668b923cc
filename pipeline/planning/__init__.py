"""The plan: what a run would change, as data and as HTML."""
