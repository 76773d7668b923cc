"""Marks of machine traffic: which activities are those of scanners and privacy proxies, since when, and why.

What recognises them is not part of the store. Leads whose activities changed wait in `to_mark`; a verdict on a mail
domain that turns makes all leads with mails to it wait again.
"""

from collections.abc import Callable
from dataclasses import astuple, dataclass
from datetime import datetime
from operator import add
from typing import Any, Final

import polars as pl
from sqlalchemy import Connection, FromClause, Select, func, literal, select, update

from store.leads import staleness
from store.sql import bulk
from store.sql.database import micros
from store.sql.leases import Transaction
from store.sql.schema import (
    activities,
    connections,
    leads,
    machine_marks,
    mail_tallies,
    scanning_domains,
    to_mark,
)
from vocabulary.fields import TIME

Scans = Callable[[pl.DataFrame], pl.DataFrame]
"""Returns those rows of `mail_domain mails scanned leads` whose domain scans nearly every mail."""

DOINGS: Final = {
    "lead": pl.String(),
    "id": pl.String(),
    "occurred_at": pl.Int64(),
    "touchpoint": pl.UInt32(),
    "mail": pl.Int64(),
    "sent_at": pl.Int64(),
    "mail_domain": pl.Int64(),
}
_WAITING: Final = {"bucket": pl.Int16(), "lead": pl.String(), "change": pl.Int64()}
_ID: Final = {"lead": pl.String(), "id": pl.String()}
_MARK: Final = {
    **_ID,
    "marked_at": pl.Int64(),
    "reasons": pl.String(),
    "evidence": pl.String(),
    "version": pl.Int64(),
}
_TALLY: Final = {"lead": pl.String(), "mail_domain": pl.Int64(), "mails": pl.Int64(), "scanned": pl.Int64()}
_SUMS: Final = {"mail_domain": pl.Int64(), "mails": pl.Int64(), "scanned": pl.Int64(), "leads": pl.Int64()}
_DOMAIN: Final = {"mail_domain": pl.Int64()}


@dataclass(frozen=True, slots=True)
class Given:
    """Leads that wait to be marked, and what they did."""

    waiting: pl.DataFrame
    """`bucket lead change`."""
    activities: pl.DataFrame
    """`lead id occurred_at touchpoint mail sent_at mail_domain`."""
    touchpoints: pl.DataFrame
    scanning: frozenset[int]
    """The numbers of the domains that scan nearly every mail."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What the recogniser says of leads."""

    marks: pl.DataFrame
    """`lead id reasons evidence`."""
    tallies: pl.DataFrame
    """`lead mail_domain mails scanned`."""
    version: int


@dataclass(frozen=True, slots=True)
class Marked:
    """How many leads were looked at, and which marks changed."""

    leads: int = 0
    marked: int = 0
    """Activities that are marked now and were not, or for other reasons."""
    unmarked: int = 0
    """Activities whose mark was taken back."""
    domains: int = 0
    """Mail domains of which the verdict changed."""

    def __add__(self, other: "Marked") -> "Marked":
        """Return the sum."""
        return Marked(*map(add, astuple(self), astuple(other)))


def marked_by(sql: Connection, connection: int) -> int | None:
    """Return the version of the recogniser that was to mark all leads; None for none."""
    return sql.execute(select(connections.c.marked_by).where(connections.c.connection == connection)).scalar()


def begin(tx: Transaction, version: int) -> None:
    """Let all leads wait for another version of the recogniser."""
    here = (leads.c.connection == tx.connection, leads.c.bucket >= 0)
    everyone = select(leads.c.connection, leads.c.bucket, leads.c.lead, literal(tx.number).label("change"))
    bulk.copy(tx.sql, to_mark, everyone.where(*here))
    tx.sql.execute(update(connections).where(connections.c.connection == tx.connection).values(marked_by=version))


def waiting(sql: Connection, connection: int, most: int, since: int = 0) -> pl.DataFrame:
    """Return some of the leads that wait, by bucket; only those that changes from a number on let wait."""
    mine = (to_mark.c.connection == connection, *([to_mark.c.change >= since] if since else []))
    columns = select(*(to_mark.c[name] for name in _WAITING)).where(*mine)
    return bulk.read(sql, columns.order_by(to_mark.c.bucket, to_mark.c.lead).limit(most), _WAITING)


def doings(sql: Connection, connection: int, found: pl.DataFrame) -> pl.DataFrame:
    """Return all activities of leads."""
    read = bulk.find(sql, activities, bulk.owned(found.select("bucket", "lead"), connection=connection), DOINGS)
    return read.cast({"occurred_at": TIME, "sent_at": TIME})


def scanning(sql: Connection, connection: int) -> frozenset[int]:
    """Return the domains that scan nearly every mail."""
    known = select(scanning_domains.c.mail_domain).where(scanning_domains.c.connection == connection)
    return frozenset(sql.scalars(known))


def current(marks: pl.DataFrame, known_at: datetime | None = None) -> pl.DataFrame:
    """Return the marks that hold, or that held at a time."""
    then = marks if known_at is None else marks.filter(pl.col("marked_at") <= micros(known_at))
    last = then.sort("marked_at").unique(["lead", "id"], keep="last", maintain_order=True)
    return last.filter(pl.col("reasons") != "")


def of_leads(sql: Connection, connection: int, of: bulk.Of, known_at: datetime | None = None) -> pl.DataFrame:
    """Return `lead id marked_at reasons evidence version` of the marks that hold, or held at a time."""
    return current(bulk.read_of(sql, machine_marks, of, _MARK, connection=connection), known_at)


def save(tx: Transaction, given: Given, judged: Judged, at: datetime, scans: Scans) -> Marked:
    """Store what is known of leads now, and let those wait again whom a turned verdict on a domain concerns."""
    key = bulk.owned(given.waiting.select("bucket", "lead"), connection=tx.connection)
    marked, unmarked = _save_marks(tx, key, given.activities, judged, at)
    domains = _save_tallies(tx, key, judged.tallies)
    bulk.delete_rows(tx.sql, to_mark, bulk.owned(given.waiting, connection=tx.connection))
    return Marked(key.height, marked, unmarked, _turn(tx, domains, at, scans))


def _save_marks(
    tx: Transaction, key: pl.DataFrame, done: pl.DataFrame, judged: Judged, at: datetime
) -> tuple[int, int]:
    """Store marks that differ from those that hold, and delete those of activities that are gone."""
    stored = bulk.find(tx.sql, machine_marks, key, _MARK)
    gone = stored.join(done, on=["lead", "id"], how="anti").select("lead", "id").unique()
    bulk.delete_rows(tx.sql, machine_marks, bulk.keyed(gone, connection=tx.connection))
    held = current(stored).join(gone, on=["lead", "id"], how="anti")
    new = judged.marks.join(held, on=["lead", "id", "reasons"], how="anti")
    back = held.join(judged.marks, on=["lead", "id"], how="anti").select("lead", "id", reasons=pl.lit(""))
    rows = pl.concat([new, back.with_columns(evidence=pl.lit(""))], how="diagonal")
    stamped = rows.with_columns(marked_at=pl.lit(micros(at)), version=pl.lit(judged.version))
    keyed = bulk.keyed(stamped, connection=tx.connection)
    bulk.upsert(tx.sql, machine_marks, keyed)
    staleness.score_again(tx, pl.concat([keyed, bulk.keyed(gone)], how="diagonal").select("bucket", "lead"), "activity")
    return new.height, back.height


def _save_tallies(tx: Transaction, key: pl.DataFrame, tallies: pl.DataFrame) -> pl.DataFrame:
    """Replace the tallies of leads; return the domains of which they differ."""
    stored = bulk.find(tx.sql, mail_tallies, key, _TALLY)
    changed = tallies.join(stored, on=list(_TALLY), how="anti")
    gone = stored.join(tallies, on=["lead", "mail_domain"], how="anti")
    bulk.delete_rows(tx.sql, mail_tallies, bulk.keyed(gone.select("lead", "mail_domain"), connection=tx.connection))
    bulk.upsert(tx.sql, mail_tallies, bulk.keyed(changed, connection=tx.connection))
    return pl.concat([changed.select(*_DOMAIN), gone.select(*_DOMAIN)]).unique()


def _turn(tx: Transaction, domains: pl.DataFrame, at: datetime, scans: Scans) -> int:
    """Judge domains anew, and let the leads of those of which the verdict turned wait; return how many domains."""
    asked = bulk.owned(domains, connection=tx.connection)
    sums = bulk.ask(tx.sql, _sums, asked, _SUMS)
    now = scans(sums).select(*_DOMAIN)
    before = bulk.find(tx.sql, scanning_domains, asked, _DOMAIN)
    begun, ended = (one.join(other, on="mail_domain", how="anti") for one, other in ((now, before), (before, now)))
    bulk.delete_rows(tx.sql, scanning_domains, bulk.owned(ended, connection=tx.connection))
    rows = begun.with_columns(since=pl.lit(micros(at)))
    bulk.upsert(tx.sql, scanning_domains, bulk.owned(rows, connection=tx.connection))
    turned = bulk.owned(pl.concat([begun, ended]), connection=tx.connection)
    concerned = bulk.ask(tx.sql, _leads_of, turned, {"bucket": pl.Int16(), "lead": pl.String()}).unique()
    again = concerned.with_columns(change=pl.lit(tx.number))
    bulk.upsert(tx.sql, to_mark, bulk.owned(again, connection=tx.connection))
    return turned.height


def _asked(database: str) -> tuple[FromClause, Any]:
    """Return the domains that are asked for, and that a tally is of one of them."""
    asked = bulk.rows(database, mail_tallies, ("connection", "mail_domain"))
    same = bulk.same(mail_tallies, asked, ("connection", "mail_domain"))
    return asked, same & (mail_tallies.c.bucket >= 0)


def _sums(database: str) -> Select[tuple[int, int, int, int]]:
    """Query the sums of domains over all leads."""
    asked, of_one = _asked(database)
    mails, scanned = (func.sum(mail_tallies.c[name]) for name in ("mails", "scanned"))
    columns = select(mail_tallies.c.mail_domain, mails.label("mails"), scanned.label("scanned"), func.count())
    return columns.join_from(mail_tallies, asked, of_one).group_by(mail_tallies.c.mail_domain)


def _leads_of(database: str) -> Select[tuple[int, str]]:
    """Query the leads with mails to domains."""
    asked, of_one = _asked(database)
    return select(mail_tallies.c.bucket, mail_tallies.c.lead).join_from(mail_tallies, asked, of_one)
