"""The overview: the state of every connection, how its leads stand, and what moved."""

from pages.overview.page import ROUTES

__all__ = ["ROUTES"]
