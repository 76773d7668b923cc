"""Keep the further addresses of leads, since when activities wait for their lead, and find activities by id.

Revision: 0009, after 0008.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_SHARED = "substr(id, 1, 6) NOT IN ('event:', 'email:') AND substr(id, 1, 5) <> 'form:'"


def upgrade() -> None:
    """Create the table and the column. Activities that wait already count as waiting since they took place."""
    op.create_table(
        "addresses",
        sa.Column("connection", sa.Integer(), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("lead", _ID, nullable=False),
        sa.Column("address", _ID, nullable=False),
        sa.PrimaryKeyConstraint("connection", "bucket", "lead", "address", name="addresses_key"),
        sqlite_with_rowid=False,
    )
    op.create_index("addresses_address", "addresses", ["connection", "address"])
    op.add_column("unclaimed", sa.Column("since", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute("UPDATE unclaimed SET since = occurred_at")
    shared = sa.text(_SHARED)
    op.create_index(
        "activities_shared", "activities", ["connection", "id"], sqlite_where=shared, postgresql_where=shared
    )
