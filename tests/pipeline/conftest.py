"""Databases for the tests in this folder."""

from tests.databases import database_url, new_database, postgresql_server, template

__all__ = ["database_url", "new_database", "postgresql_server", "template"]
