"""Databases and receivers of messages for the tests in this folder."""

from tests.databases import database_url, new_database, postgresql_server, template
from tests.receivers import other, slack

__all__ = ["database_url", "new_database", "other", "postgresql_server", "slack", "template"]
