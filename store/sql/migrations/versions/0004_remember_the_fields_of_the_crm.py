"""Record which CRM fields leadgauge created or adopted.

Revision: 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the table; `provision` fills it with our existing fields."""
    text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.create_table(
        "crm_fields",
        sa.Column("connection", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("field", text, nullable=False),
        sa.Column("output", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("is_new", sa.Boolean(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "field", name="crm_fields_key"),
        sqlite_with_rowid=False,
    )
