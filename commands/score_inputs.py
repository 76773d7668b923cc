"""The files that `leadgauge score` reads, as frames; what they lack or repeat is said or refused."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Final, NamedTuple

import polars as pl

from commands.common import told
from connectors.files import Columns, FileError, Table, wide
from connectors.files.headings import ALREADY, ID_OF_LEADS
from connectors.files.parsing import PLACEHOLDERS, TRUE_OR_FALSE, parse
from connectors.odd import masked
from meaning.derive import FieldSource, OwnWords
from scoring import Scorecard
from scoring.asking import activity_fields
from scoring.card.accounts import ACCOUNT_ID
from scoring.machine_traffic import CLICK
from vocabulary.fields import FieldType
from vocabulary.outputs import Of, field_of

ACTIVITY: Final[dict[str, FieldType]] = {"lead_id": "text", "id": "text", "kind": "text", "occurred_at": "time"}
NAME: Final = "name"
"""The detail of an activity that *why now* shows, whether the card asks for it or not."""
DETAILS: Final[dict[str, FieldType]] = {
    "url": "text",
    NAME: "text",
    "seconds": "number",
    "value": "number",
    "mail": "text",
    "sent_at": "time",
}
OF_MACHINES: Final = frozenset({"url", "mail", "sent_at"})
"""The details by which machine traffic is recognised."""
ACCOUNT: Final = "account_id"
"""The column with the account of a lead or of a deal."""
BELOW: Final = r"^\s*((grand |sub)?totals?\b|sum$|summe$|confidential information|copyright|generated (by|on)|page \d)"
"""How the lines begin that reports write below their rows, as Salesforce does; no lead has such an id."""
NOT_CONVERTED: Final = ("", *PLACEHOLDERS, *(text for text, converted in TRUE_OR_FALSE.items() if not converted))
"""What says in a column of conversions that a lead did not convert, in lower case."""
NAMED: Final = 5
"""How many leads a message names at most."""


class Lacking(NamedTuple):
    """What the scorecard asks for and a table of leads has no column of."""

    fields: frozenset[str]
    kinds: frozenset[str]
    """The kinds of the scorecard's `activity_columns`."""


class Converted(NamedTuple):
    """The leads that converted already, and the heading of the column that says so."""

    heading: str
    leads: pl.Series


class LeadBatch(NamedTuple):
    """Some rows of the table of leads."""

    leads: pl.DataFrame
    activities: pl.DataFrame | None
    """What its columns of activities hold, as from a file of activities; None without such columns."""


class LeadTable:
    """The table of leads: the fields of the card and, if it has accounts, the account that each names."""

    def __init__(
        self, path: str, card: Scorecard, derived: Mapping[str, FieldSource], own: OwnWords, given: Columns
    ) -> None:
        created: dict[str, FieldType] = {} if "created_at" in card.fields else {"created_at": "time"}
        whose: dict[str, FieldType] = {} if card.accounts is None else {ACCOUNT: "text"}
        found_by_domain = card.accounts is not None and card.accounts.by_domain is not None
        columns = dict.fromkeys(column for source in derived.values() for column in source.paths)
        plain: dict[str, FieldType] = {name: kind for name, kind in card.fields.items() if name not in derived}
        required: dict[str, FieldType] = {"id": "text", **{name: plain.get(name, "text") for name in columns}}
        optional: dict[str, FieldType] = {**whose, **plain, **created, ALREADY: "text"}
        asked = {**card.activity_columns, **given.activities}
        called = replace(given, declared=card.columns, id_=ID_OF_LEADS, activities=asked)
        self.path, self._card, self._derived, self._own = path, card, derived, own
        self._table = Table(path, required, optional, filled=("id",), zone=card.zone.key, columns=called)
        _refuse_strangers(self._table, card)
        _report(self._table, unasked={ALREADY, *created, *(whose if found_by_domain else ())})
        _report_wide(self._table, asked, given.activities)
        kinds = asked.keys() - {one.kind for one in self._table.wide}
        self.lacking = Lacking(frozenset(self._table.lacking.keys() & plain.keys()), frozenset(kinds))
        self._below: list[pl.Series] = []
        self._converted: list[pl.Series] = []
        self._unread: dict[str, tuple[int, str]] = {}

    def batches(self) -> Iterator[LeadBatch]:
        """Yield a batch without rows, then all rows; say at the end what was remarkable about them."""
        read = 0
        for rows in chain([self._table.empty], self._table.batches()):
            leads = self._without_totals(rows)
            read += leads.height
            if ALREADY in self._table.headings:
                self._converted.append(leads.filter(_has_converted())["id"])
            activities = _activities_in(leads, self._table, self._card) if self._table.wide else None
            yield LeadBatch(self._with_derived(leads).rename({"id": "lead"}), activities)
        self._tell(read)

    def converted(self) -> Converted | None:
        """Return who has converted already, once all rows were read; None without a column that says so."""
        if not self._converted:
            return None
        return Converted(self._table.headings[ALREADY], pl.concat(self._converted))

    def _without_totals(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return the leads without the lines that reports write below them."""
        below = pl.col("id").str.to_lowercase().str.contains(BELOW)
        self._below.append(rows.filter(below)["id"])
        return rows.filter(~below)

    def _with_derived(self, leads: pl.DataFrame) -> pl.DataFrame:
        """Return the leads with the derived fields, and note which texts could not be read."""

        def text(column: str) -> pl.Expr:
            return pl.col(column).cast(pl.String)

        types, sources = self._card.fields, self._derived.items()
        values = {name: source.value(types[name], text, parse, self._own) for name, source in sources}
        found = leads.with_columns(value.alias(name) for name, value in values.items())
        for name, source in sources:
            unread = leads.with_columns(found[name].alias("#")).filter(source.unread(pl.col("#"), text))
            if source.reports and unread.height:
                example = unread.select(pl.coalesce([text(column) for column in source.paths])).item(0, 0)
                count, first = self._unread.get(name, (0, example))
                self._unread[name] = count + unread.height, first
        declared = [name for name in found.columns if name in types or name in {"id", "created_at"}]
        has_accounts = self._card.accounts is not None and ACCOUNT in leads.columns
        whose = [pl.col(ACCOUNT).alias(ACCOUNT_ID)] if has_accounts else []
        return found.select(*declared, *whose)

    def _tell(self, leads: int) -> None:
        lines = pl.concat(self._below)
        if len(lines):
            told(f"{self.path}: {len(lines)} lines below the leads were skipped: {listed(lines)}")
        for name, (count, example) in self._unread.items():
            message = f"{self.path}: {count} values of {name} are unreadable, such as {masked(example)}"
            told(f"{message}; they count as missing.")
        found = self.converted()
        if found is not None and len(found.leads):
            told(f"{self.path}: {len(found.leads):,} of {leads:,} leads have a '{found.heading}' already.")


def _has_converted() -> pl.Expr:
    """Return whether the column of conversions says that a lead did; a mark such as `false` says that it did not."""
    told_so = pl.col(ALREADY).str.strip_chars().str.to_lowercase()
    return told_so.is_not_null() & ~told_so.is_in(NOT_CONVERTED)


def _refuse_strangers(table: Table, card: Scorecard) -> None:
    """Raise FileError for a table without any field of the scorecard: every lead would get the same score."""
    nothing = not card.fields.keys() & table.headings.keys() and not table.wide
    if card.fields and nothing and len(table.required) == 1:
        raise FileError(
            f"{table.path}: has no field of {card.name}: {', '.join(card.fields)}. It has"
            f" {', '.join(table.ignored) or 'no other column'}. Say in the scorecard what a column is called, such as"
            " `lead_source: {type: text, column: Lead Source}`."
        )


def read_previous(path: str | None, card: Scorecard, given: Columns, of: Of = "leads") -> pl.DataFrame | None:
    """Return the stages computed last; None without a file."""
    if path is None:
        return None
    stage = field_of("lead_readiness", of)
    required: dict[str, FieldType] = {"id": "text", stage: "text"}
    table = Table(path, required, {"as_of": "time"}, ("id",), card.zone.key, Columns(dates=given.dates))
    for note in table.notes:
        told(f"{path} {note}.")
    return table.whole().rename({"id": "lead", stage: "lead_readiness"})


def read_accounts(path: str | None, card: Scorecard, given: Columns) -> pl.DataFrame | None:
    """Return the accounts with their fields; None without a file, and say so where the scorecard lacks them."""
    if card.accounts is None:
        return None
    if path is None:
        told(f"{card.name} has a section `accounts`. Without --accounts, no field of an account is known.")
        return None
    fields: dict[str, FieldType] = {**card.accounts.fields}
    table = Table(path, {"id": "text"}, fields, ("id",), card.zone.key, Columns(dates=given.dates))
    _report(table, unasked=())
    accounts = table.whole().rename({"id": "account"})
    twice = accounts.filter(pl.col("account").is_duplicated())["account"].unique(maintain_order=True)
    if len(twice):
        raise FileError(f"{path}: {len(twice)} ids occur more than once: {listed(twice)}. Keep one row per account.")
    return accounts


def read_deals(path: str, card: Scorecard, given: Columns) -> pl.DataFrame:
    """Return the deals with their leads and accounts."""
    required: dict[str, FieldType] = {"id": "text", "lead_id": "text"}
    fields: dict[str, FieldType] = {**card.deals}
    table = Table(path, required, {ACCOUNT: "text", **fields}, ("id",), card.zone.key, Columns(dates=given.dates))
    of_accounts = card.accounts is not None and any(one.what == "deals" for one in card.accounts.figures.values())
    _report(table, unasked=() if of_accounts else {ACCOUNT})
    deals = table.whole().rename({"id": "deal", "lead_id": "lead", ACCOUNT: ACCOUNT_ID}, strict=False)
    twice = deals.filter(pl.struct("deal", "lead").is_duplicated())["deal"].unique(maintain_order=True)
    if len(twice):
        raise FileError(
            f"{path}: {len(twice)} deals occur more than once for a lead: {listed(twice)}."
            " Keep one row per deal and lead."
        )
    return deals


def activity_batches(path: str, card: Scorecard, given: Columns) -> Iterator[pl.DataFrame]:
    """Yield what leads did, with the details that the scorecard asks for, and those that tell machines.

    If it does not ask for URLs, only clicks have them: so many pages would be as many touchpoints.
    """
    asked = activity_fields(card)
    told_by = frozenset() if card.counts_machines else OF_MACHINES
    details = {name: kind for name, kind in DETAILS.items() if name in {*asked, NAME, *told_by}}
    table = Table(path, ACTIVITY, details, zone=card.zone.key, columns=Columns(dates=given.dates))
    _report(table, unasked=DETAILS.keys() - asked)
    missing = [
        pl.lit(None, pl.Float64).alias(name)
        for name in ("seconds", "value")
        if name in asked and name not in table.columns
    ]
    for batch in table.batches():
        rows = batch.with_columns(*missing).rename({"lead_id": "lead"})
        if "url" in rows.columns and "url" not in asked:
            is_click = pl.col("kind").str.strip_chars().str.to_lowercase() == CLICK
            rows = rows.with_columns(pl.when(is_click).then("url").alias("url"))
        yield rows


def _report(table: Table, unasked: Collection[str]) -> None:
    """Say how the file was read, which columns were ignored, and which fields it lacks.

    Nothing is said about columns that the scorecard does not ask for, but that belong there.
    """
    for note in table.notes:
        told(f"{table.path} {note}.")
    read_as = [f"{name} is '{heading}'" for name, heading in table.headings.items() if name not in {heading, ALREADY}]
    if read_as:
        told(f"{table.path}: {', '.join(read_as)}")
    ignored = [name for name in table.ignored if name not in unasked]
    if ignored:
        told(f"{table.path}: columns ignored: {', '.join(ignored)}")
    lacking = [
        f"{name} (did you mean {near}?)" if near else name
        for name, near in table.lacking.items()
        if name not in unasked
    ]
    if lacking:
        told(f"{table.path}: no column for {', '.join(lacking)}; they count as empty.")


def _report_wide(table: Table, asked: Mapping[str, Sequence[str]], named: Mapping[str, Sequence[str]]) -> None:
    """Say which columns hold activities and which are not there; raise FileError if the command line names those."""
    for kind, headings in wide.lacking(asked, table.all_headings).items():
        absent = ", ".join(f"'{one}'" for one in headings)
        if kind in named:
            raise FileError(f"{table.path}: there is no column {absent}. It has {', '.join(table.all_headings)}.")
        told(f"{table.path}: no column {absent}; no lead has an activity {kind} of it.")
    if table.wide:
        columns = (f"'{one.heading}' ({one.kind})" for one in table.wide)
        told(f"{table.path}: activities are in {', '.join(columns)}")


def _activities_in(rows: pl.DataFrame, table: Table, card: Scorecard) -> pl.DataFrame:
    """Return the activities in the columns of a table; they have none of the numbers that the scorecard asks for."""
    asked = activity_fields(card)
    numbers = [pl.lit(None, pl.Float64).alias(one) for one in ("seconds", "value") if one in asked]
    return wide.activities(rows.rename({"id": "lead"}), table.wide, card.zone.key).with_columns(*numbers)


class Unknown:
    """Counts the activities of unknown leads."""

    def __init__(self, path: str) -> None:
        self.path, self.activities = path, 0
        self.leads = pl.Series("lead", [], pl.String)

    def count(self, strangers: pl.Series) -> None:
        """Count activities, given the lead id of each."""
        self.activities += len(strangers)
        self.leads = pl.concat([self.leads, strangers.unique(maintain_order=True)]).unique(maintain_order=True)

    def report(self) -> None:
        """Print how many activities were ignored, if any."""
        if self.activities:
            text = f"{self.activities} activities of {len(self.leads)} unknown leads ignored: {listed(self.leads)}"
            told(f"{self.path}: {text}")


def listed(names: pl.Series) -> str:
    """Return the first names of a list for a message."""
    shown = ", ".join(f"'{name}'" if name is not None else "(blank)" for name in names.head(NAMED))
    return shown + (", …" if len(names) > NAMED else "")
