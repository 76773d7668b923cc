"""Keep fields of leads from a warehouse.

Revision: 0024, after 0023.
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

_ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "further_fields",
        sa.Column("connection", sa.Integer(), nullable=False),
        sa.Column("lead", _ID, nullable=False),
        sa.Column("address", _ID, nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "lead", "address", "id", name="further_fields_key"),
        sqlite_with_rowid=False,
    )
    op.create_index("further_fields_id", "further_fields", ["connection", "id"])
