"""Runs the migrations on the connection, and in the transaction, that `store.sql.migrating` hands over."""

from alembic import context

from store.sql.migrating import VERSIONS, own_schema

sql = context.config.attributes["connection"]
context.configure(connection=sql, version_table=VERSIONS, version_table_schema=own_schema(sql))
context.run_migrations()
