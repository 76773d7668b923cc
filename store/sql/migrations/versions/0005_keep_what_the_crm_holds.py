"""Keep what the CRM's fields held before they were first written, and where they hold other than they were told.

Revision: 0005, after 0004.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the table and the columns. What a first write replaced was not read so far, and is not known."""
    op.add_column("connections", sa.Column("outputs", sa.Text()))
    op.add_column("results", sa.Column("told_by", sa.BigInteger()))
    op.create_table(
        "found",
        sa.Column("outbox", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False, autoincrement=False),
        sa.Column("lead", _ID, nullable=False),
        sa.Column("holds", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("mended", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("outbox", "bucket", "lead", name="found_key"),
        sqlite_with_rowid=False,
    )
    op.execute("UPDATE writes SET before = '{}' WHERE causes = 'first'")
