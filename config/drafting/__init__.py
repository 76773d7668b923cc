"""Draft settings and a scorecard from what a survey of a CRM found.

The draft names what was looked at, what was guessed and what is missing, as comments. It holds counts, and no value
that belongs to a single person.
"""

from config.drafting.connection import Access
from config.drafting.drafts import SCORECARD, drafted

__all__ = ["SCORECARD", "Access", "drafted"]
