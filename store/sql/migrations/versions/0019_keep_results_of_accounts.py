"""Keep results of accounts beside those of leads, and the domains by which leads belong to accounts.

Revision: 0019, after 0018.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

_ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the columns; the outboxes so far are of leads."""
    op.add_column("connections", sa.Column("by_domain", sa.Text(), nullable=True))
    for table in ("accounts", "leads", "vanished"):
        op.add_column(table, sa.Column("domain", _ID, nullable=True))
    op.add_column("accounts", sa.Column("read_by", sa.BigInteger(), nullable=True))
    for table in ("accounts", "leads"):
        known = sa.text("domain IS NOT NULL")
        op.create_index(f"{table}_domain", table, ["connection", "domain"], sqlite_where=known, postgresql_where=known)
    with op.batch_alter_table("outboxes") as outboxes:
        outboxes.add_column(sa.Column("of", _ID, nullable=False, server_default="leads"))
        outboxes.drop_constraint("outboxes_prefix", type_="unique")
        outboxes.create_unique_constraint("outboxes_prefix", ["connection", "prefix", "of"])
