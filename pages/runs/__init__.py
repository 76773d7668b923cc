"""The runs: every pass with its figures, what it wrote, and accepting or undoing it."""

from pages.runs.routes import ROUTES

__all__ = ["ROUTES"]
