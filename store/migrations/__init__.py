"""Alembic's migrations, run by `store.migrating` when a database is opened."""
