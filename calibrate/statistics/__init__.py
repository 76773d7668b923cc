"""Arithmetic that knows nothing of leads: logistic regression and metrics."""
