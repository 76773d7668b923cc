"""Keep who reached the first priority, and the messages that wait to be sent to people.

Revision: 0021, after 0020.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

_ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the tables; alerts begin once a pass has written what waits."""
    op.add_column("outboxes", sa.Column("alerts_after", sa.Integer(), nullable=True))
    op.create_table(
        "crossings",
        sa.Column("outbox", sa.Integer(), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("lead", _ID, nullable=False),
        sa.Column("crossed_at", sa.BigInteger(), nullable=True),
        sa.Column("left_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("outbox", "bucket", "lead", name="crossings_key"),
        sqlite_with_rowid=False,
    )
    op.create_index("crossings_crossed", "crossings", ["outbox", "crossed_at"])
    op.create_table(
        "notices",
        sa.Column("connection", sa.Integer(), nullable=False),
        sa.Column("sink", _ID, nullable=False),
        sa.Column("key", _ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("outbox", sa.Integer(), nullable=True),
        sa.Column("lead", _ID, nullable=True),
        sa.Column("facts", sa.Text(), nullable=False, server_default="{}"),
        sa.Column("queued_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("dropped_at", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("connection", "sink", "key", name="notices_key"),
        sqlite_with_rowid=False,
    )
    waiting = sa.text("sent_at IS NULL AND dropped_at IS NULL")
    op.create_index(
        "notices_waiting",
        "notices",
        ["connection", "sink", "due_at"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
