"""Keep deals with the fields that figures use, and their leads.

Revision: 0018, after 0017.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

_ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the tables. They replace the conversions of deals, which the first pass reads again."""
    op.add_column("connections", sa.Column("deal_fields", sa.Text(), nullable=False, server_default="{}"))
    op.create_table(
        "deals",
        sa.Column("connection", sa.Integer(), nullable=False),
        sa.Column("deal", _ID, nullable=False),
        sa.Column("account", _ID),
        sa.Column("created_at", sa.BigInteger()),
        sa.Column("won_at", sa.BigInteger()),
        sa.Column("for_account", sa.Boolean(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "deal", name="deals_key"),
        sqlite_with_rowid=False,
    )
    op.create_index("deals_account", "deals", ["connection", "account"])
    op.create_table(
        "deal_leads",
        sa.Column("connection", sa.Integer(), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("lead", _ID, nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("deal", _ID, nullable=False),
        sa.PrimaryKeyConstraint("connection", "bucket", "lead", "id", name="deal_leads_key"),
        sqlite_with_rowid=False,
    )
    op.create_index("deal_leads_deal", "deal_leads", ["connection", "deal"])
    for part in (
        "cursors WHERE stream = 'opportunities'",
        "outcomes WHERE id LIKE 'deal:%' OR id LIKE 'opportunity:%'",
    ):
        op.execute(f"DELETE FROM {part}")  # noqa: S608 - all constants
    op.drop_column("outcomes", "account")
