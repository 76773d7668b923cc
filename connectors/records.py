"""Moved to `vocabulary`; kept while imports move."""

from vocabulary.fields import DTYPES, TIME, FieldType
from vocabulary.rows import (
    ACCOUNTS,
    ACTIVITIES,
    FIELD_HISTORY,
    HELD,
    LEADS,
    OUTCOMES,
    address_digest,
)

OUTPUTS = HELD

__all__ = [
    "ACCOUNTS",
    "ACTIVITIES",
    "DTYPES",
    "FIELD_HISTORY",
    "HELD",
    "LEADS",
    "OUTCOMES",
    "OUTPUTS",
    "TIME",
    "FieldType",
    "address_digest",
]
