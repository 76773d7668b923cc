"""The leads, or accounts, of a scorecard: the list, and the page of one."""
