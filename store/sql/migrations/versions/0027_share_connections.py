"""Share the connections between daemons.

Revision: 0027, after 0026.
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

_ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the table of the daemons that are alive."""
    op.create_table(
        "daemons",
        sa.Column("process", _ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("connections", sa.Text(), nullable=False),
        sa.Column("beat_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("process", name="daemons_key"),
        sqlite_with_rowid=False,
    )
