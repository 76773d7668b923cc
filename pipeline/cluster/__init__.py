"""Scoring on several machines: who takes part, what travels, and what a worker does."""
