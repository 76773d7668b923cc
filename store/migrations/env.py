"""Runs the migrations on the connection, and in the transaction, that `store.migrating` hands over."""

from alembic import context

from store.migrating import VERSIONS

context.configure(connection=context.config.attributes["connection"], version_table=VERSIONS)
context.run_migrations()
