"""Turn the scoring models of others into scorecards: what carries over, and beside each thing that does not, why."""
