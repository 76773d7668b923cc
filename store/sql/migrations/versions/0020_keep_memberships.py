"""Keep who belongs to the segments and campaigns that scorecards use.

Revision: 0020, after 0019.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

_ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the table; the first pass reads the segments."""
    op.add_column("connections", sa.Column("member_of", sa.Text(), nullable=False, server_default="{}"))
    op.create_table(
        "memberships",
        sa.Column("connection", sa.Integer(), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("lead", _ID, nullable=False),
        sa.Column("segment", _ID, nullable=False),
        sa.Column("read_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "bucket", "lead", "segment", name="memberships_key"),
        sqlite_with_rowid=False,
    )
    op.create_index("memberships_segment", "memberships", ["connection", "segment"])
