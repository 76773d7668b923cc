"""The scorecard: the rules that it has, those that it may get, and the proposal as YAML."""
