"""Alembic's migrations, run by `store.sql.migrating` when a database is opened."""
