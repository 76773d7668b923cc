"""Remember the leads that entered the mirror after it was filled, until their earlier activities were read.

Revision: 0008, after 0007.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "entrants",
        sa.Column("connection", sa.Integer(), nullable=False),
        sa.Column("lead", _ID, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "lead", name="entrants_key"),
        sqlite_with_rowid=False,
    )
