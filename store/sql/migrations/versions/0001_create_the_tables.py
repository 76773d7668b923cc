"""Create the tables.

Revision: 0001, the first.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create all tables in an empty database."""
    _accounts()
    _activities()
    _connections()
    _cursors()
    _field_history()
    _in_flight()
    _leads()
    _listings()
    _merges()
    _notes()
    _outboxes()
    _outcomes()
    _refused()
    _results()
    _runs()
    _stale()
    _touchpoints()
    _unclaimed()
    _writes()


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("connection", sa.Integer(), nullable=False),
        sa.Column("account", _ID, nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "account", name="accounts_key"),
        sqlite_with_rowid=False,
    )


def _activities() -> None:
    op.create_table(
        "activities",
        sa.Column("connection", sa.Integer(), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("lead", _ID, nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("touchpoint", sa.Integer(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.Double()),
        sa.Column("value", sa.Double()),
        sa.PrimaryKeyConstraint(
            "connection",
            "bucket",
            "lead",
            "id",
            name="activities_key",
            postgresql_include=["touchpoint", "occurred_at", "seconds", "value"],
        ),
        sqlite_with_rowid=False,
    )


def _connections() -> None:
    op.create_table(
        "connections",
        sa.Column("connection", sa.Integer(), nullable=False),
        sa.Column("name", _ID, nullable=False),
        sa.Column("changes", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("fields", sa.Text(), server_default="{}", nullable=False),
        sa.Column("fence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("holder", sa.Text()),
        sa.Column("purpose", sa.Text()),
        sa.Column("until", sa.BigInteger()),
        sa.Column("ttl", sa.BigInteger()),
        sa.PrimaryKeyConstraint("connection"),
        sa.UniqueConstraint("name", name="connections_name"),
    )


def _cursors() -> None:
    op.create_table(
        "cursors",
        sa.Column("connection", sa.Integer(), nullable=False),
        sa.Column("stream", _ID, nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("total", sa.BigInteger()),
        sa.Column("moved_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "stream", name="cursors_key"),
        sqlite_with_rowid=False,
    )


def _field_history() -> None:
    op.create_table(
        "field_history",
        sa.Column("connection", sa.Integer(), nullable=False),
        sa.Column("lead", _ID, nullable=False),
        sa.Column("field", _ID, nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.Text()),
        sa.PrimaryKeyConstraint("connection", "lead", "field", "since", name="field_history_key"),
        sqlite_with_rowid=False,
    )


def _in_flight() -> None:
    op.create_table(
        "in_flight",
        sa.Column("outbox", sa.Integer(), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("lead", _ID, nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("pending", sa.Text()),
        sa.Column("causes", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("outbox", "bucket", "lead", name="in_flight_key"),
        sqlite_with_rowid=False,
    )


def _leads() -> None:
    op.create_table(
        "leads",
        sa.Column("connection", sa.Integer(), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("lead", _ID, nullable=False),
        sa.Column("account", _ID),
        sa.Column("address", _ID),
        sa.Column("created_at", sa.BigInteger()),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("listing", sa.BigInteger()),
        sa.Column("first_seen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "bucket", "lead", name="leads_key"),
        sqlite_with_rowid=False,
    )
    op.create_index("leads_account", "leads", ["connection", "account"])
    op.create_index("leads_address", "leads", ["connection", "address"])


def _listings() -> None:
    op.create_table(
        "listings",
        sa.Column("connection", sa.Integer(), nullable=False),
        sa.Column("listing", _ID, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("connection", "listing", name="listings_key"),
        sqlite_with_rowid=False,
    )


def _merges() -> None:
    op.create_table(
        "merges",
        sa.Column("connection", sa.Integer(), nullable=False),
        sa.Column("old", _ID, nullable=False),
        sa.Column("survivor", _ID, nullable=False),
        sa.PrimaryKeyConstraint("connection", "old", name="merges_key"),
        sqlite_with_rowid=False,
    )
    op.create_index("merges_survivor", "merges", ["connection", "survivor"])


def _notes() -> None:
    op.create_table(
        "notes",
        sa.Column("connection", sa.Integer(), nullable=False),
        sa.Column("name", _ID, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "name", name="notes_key"),
        sqlite_with_rowid=False,
    )


def _outboxes() -> None:
    op.create_table(
        "outboxes",
        sa.Column("outbox", sa.Integer(), nullable=False),
        sa.Column("connection", sa.Integer(), nullable=False),
        sa.Column("prefix", _ID, nullable=False),
        sa.Column("held_run", sa.Integer()),
        sa.Column("held_reason", sa.Text()),
        sa.PrimaryKeyConstraint("outbox"),
        sa.UniqueConstraint("connection", "prefix", name="outboxes_prefix"),
    )


def _outcomes() -> None:
    op.create_table(
        "outcomes",
        sa.Column("connection", sa.Integer(), nullable=False),
        sa.Column("lead", _ID, nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("account", _ID),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "lead", "id", name="outcomes_key"),
        sqlite_with_rowid=False,
    )


def _refused() -> None:
    op.create_table(
        "refused",
        sa.Column("outbox", sa.Integer(), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("lead", _ID, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("outbox", "bucket", "lead", name="refused_key"),
        sqlite_with_rowid=False,
    )


def _results() -> None:
    op.create_table(
        "results",
        sa.Column("outbox", sa.Integer(), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("lead", _ID, nullable=False),
        sa.Column("lead_score", sa.Integer()),
        sa.Column("lead_fit", sa.Integer()),
        sa.Column("lead_engagement", sa.Integer()),
        sa.Column("lead_grade", sa.Text()),
        sa.Column("lead_readiness", sa.Text()),
        sa.Column("lead_urgency", sa.Text()),
        sa.Column("lead_likelihood", sa.Double()),
        sa.Column("lead_priority", sa.Text()),
        sa.Column("lead_priority_index", sa.Integer()),
        sa.Column("lead_score_reasons", sa.Text()),
        sa.Column("lead_score_status", sa.Text()),
        sa.Column("lead_scorecard", sa.Text()),
        sa.Column("lead_scored_at", sa.BigInteger()),
        sa.Column("told_lead_score", sa.Integer()),
        sa.Column("told_lead_fit", sa.Integer()),
        sa.Column("told_lead_engagement", sa.Integer()),
        sa.Column("told_lead_grade", sa.Text()),
        sa.Column("told_lead_readiness", sa.Text()),
        sa.Column("told_lead_urgency", sa.Text()),
        sa.Column("told_lead_likelihood", sa.Double()),
        sa.Column("told_lead_priority", sa.Text()),
        sa.Column("told_lead_priority_index", sa.Integer()),
        sa.Column("told_lead_score_reasons", sa.Text()),
        sa.Column("told_lead_score_status", sa.Text()),
        sa.Column("told_lead_scorecard", sa.Text()),
        sa.Column("told_lead_scored_at", sa.BigInteger()),
        sa.Column("told_at", sa.BigInteger()),
        sa.Column("pending", sa.Text()),
        sa.Column("causes", sa.Text(), server_default="", nullable=False),
        sa.Column("run", sa.Integer()),
        sa.PrimaryKeyConstraint("outbox", "bucket", "lead", name="results_key"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "results_pending",
        "results",
        ["outbox", "pending", "lead_priority", "lead_priority_index"],
        sqlite_where=sa.text("pending IS NOT NULL"),
        postgresql_where=sa.text("pending IS NOT NULL"),
    )


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("connection", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger()),
        sa.Column("counts", sa.Text(), server_default="{}", nullable=False),
        sa.Column("message", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("run"),
    )
    op.create_index("runs_connection", "runs", ["connection", "run"])


def _stale() -> None:
    op.create_table(
        "stale",
        sa.Column("outbox", sa.Integer(), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("lead", _ID, nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.Boolean(), nullable=False),
        sa.Column("activity", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("outbox", "bucket", "lead", name="stale_key"),
        sqlite_with_rowid=False,
    )


def _touchpoints() -> None:
    op.create_table(
        "touchpoints",
        sa.Column("connection", sa.Integer(), nullable=False),
        sa.Column("touchpoint", sa.Integer(), nullable=False),
        sa.Column("digest", _ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("url", sa.Text()),
        sa.Column("name", sa.Text()),
        sa.PrimaryKeyConstraint("connection", "touchpoint", name="touchpoints_key"),
        sqlite_with_rowid=False,
    )
    op.create_index("touchpoints_digest", "touchpoints", ["connection", "digest"], unique=True)


def _unclaimed() -> None:
    op.create_table(
        "unclaimed",
        sa.Column("connection", sa.Integer(), nullable=False),
        sa.Column("lead", _ID, nullable=False),
        sa.Column("address", _ID, nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("touchpoint", sa.Integer(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.Double()),
        sa.Column("value", sa.Double()),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "lead", "address", "id", name="unclaimed_key"),
        sqlite_with_rowid=False,
    )
    op.create_index("unclaimed_address", "unclaimed", ["connection", "address"])


def _writes() -> None:
    op.create_table(
        "writes",
        sa.Column("outbox", sa.Integer(), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("lead", _ID, nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.Column("written_at", sa.BigInteger(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("causes", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("outbox", "bucket", "lead", "change", name="writes_key"),
        sqlite_with_rowid=False,
    )
    op.create_index("writes_run", "writes", ["outbox", "run"])
