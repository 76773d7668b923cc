"""Compares the scores that a company has today with ours by the calls that each would have led to."""
