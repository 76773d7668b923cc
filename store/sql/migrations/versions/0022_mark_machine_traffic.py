"""Mark machine traffic.

Revision: 0022, after 0021.
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

_ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _of_lead(table: str, key: str, *columns: sa.Column[object]) -> None:
    op.create_table(
        table,
        sa.Column("connection", sa.Integer(), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("lead", _ID, nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("connection", "bucket", "lead", *key.split(), name=f"{table}_key"),
        sqlite_with_rowid=False,
    )


def _big(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.BigInteger(), nullable=null)


def upgrade() -> None:
    """Create the tables. The first pass reads opens and clicks again, to know which mails they are of."""
    op.add_column("connections", sa.Column("marked_by", sa.Integer(), nullable=True))
    for table in ("activities", "unclaimed"):
        for name in ("mail", "sent_at", "mail_domain"):
            op.add_column(table, _big(name, null=True))
    _of_lead("to_mark", "", _big("change"))
    _of_lead(
        "machine_marks",
        "id marked_at",
        sa.Column("id", _ID, nullable=False),
        _big("marked_at"),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    _of_lead(
        "mail_tallies",
        "mail_domain",
        _big("mail_domain"),
        sa.Column("mails", sa.Integer(), nullable=False),
        sa.Column("scanned", sa.Integer(), nullable=False),
    )
    op.create_index("mail_tallies_domain", "mail_tallies", ["connection", "mail_domain"])
    op.create_table(
        "scanning_domains",
        sa.Column("connection", sa.Integer(), nullable=False),
        _big("mail_domain"),
        _big("since"),
        sa.PrimaryKeyConstraint("connection", "mail_domain", name="scanning_domains_key"),
        sqlite_with_rowid=False,
    )
    op.execute("DELETE FROM cursors WHERE stream IN ('email_events.OPEN', 'email_events.CLICK', 'pardot')")
