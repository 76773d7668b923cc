"""Keep what feeds said is due.

Revision: 0023, after 0022.
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

_ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the table, and the columns in which the guard counts what passes by the feed move."""
    op.create_table(
        "due",
        sa.Column("connection", sa.Integer(), nullable=False),
        sa.Column("stream", _ID, nullable=False),
        sa.Column("by", _ID, nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=True),
        sa.Column("heard_at", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "stream", "by", "id", name="due_key"),
        sqlite_with_rowid=False,
    )
    op.create_index("due_heard", "due", ["connection", "heard_at"])
    op.add_column("outboxes", sa.Column("fed_since", sa.BigInteger(), nullable=True))
    for name in ("fed_moved", "fed_known"):
        op.add_column("outboxes", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
