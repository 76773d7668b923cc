"""Keep vanished leads for a while, and record what is missing from answers until it was checked.

Revision: 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the tables; listings that were complete before count as checked."""
    op.add_column("listings", sa.Column("settled_at", sa.BigInteger()))
    op.execute("UPDATE listings SET settled_at = finished_at")
    op.create_table(
        "vanished",
        sa.Column("connection", sa.Integer(), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("lead", _ID, nullable=False),
        sa.Column("account", _ID),
        sa.Column("address", _ID),
        sa.Column("created_at", sa.BigInteger()),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("unsure", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "bucket", "lead", name="vanished_key"),
        sqlite_with_rowid=False,
    )
    op.create_index("vanished_address", "vanished", ["connection", "address"])
    op.create_table(
        "missing",
        sa.Column("connection", sa.Integer(), nullable=False),
        sa.Column("lead", _ID, nullable=False),
        sa.Column("activity", _ID, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "lead", "activity", name="missing_key"),
        sqlite_with_rowid=False,
    )
