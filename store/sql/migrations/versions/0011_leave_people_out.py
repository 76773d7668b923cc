"""Keep who is excluded, who must not be read again, and whose fields are to be emptied.

Revision: 0011, after 0010.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "excluded",
        sa.Column("connection", sa.Integer(), nullable=False),
        sa.Column("lead", _ID, nullable=False),
        sa.Column("address", _ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "lead", "address", name="excluded_key"),
        sqlite_with_rowid=False,
    )
    op.create_index("excluded_address", "excluded", ["connection", "address"])
    op.create_table(
        "kept_out",
        sa.Column("connection", sa.Integer(), nullable=False),
        sa.Column("digest", _ID, nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "digest", name="kept_out_key"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "departures",
        sa.Column("outbox", sa.Integer(), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("lead", _ID, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("names", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("outbox", "bucket", "lead", name="departures_key"),
        sqlite_with_rowid=False,
    )
