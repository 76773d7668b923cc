"""Record the values of CRM fields from before the first write, and their drift.

Revision: 0005, after 0004.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the table and the columns. Values replaced by earlier first writes were never read and stay unknown."""
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
