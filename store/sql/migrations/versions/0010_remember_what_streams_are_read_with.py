"""Remember the settings that each stream is read with.

Revision: 0010, after 0009.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the table. The first pass fills it, and takes what is mirrored as read with its settings."""
    op.create_table(
        "plans",
        sa.Column("connection", sa.Integer(), nullable=False),
        sa.Column("stream", _ID, nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("ids", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "stream", name="plans_key"),
        sqlite_with_rowid=False,
    )
