"""Leads, contacts and accounts as neutral rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Final, Literal

import polars as pl

from connectors.odd import OddValues
from connectors.salesforce import frames
from connectors.salesforce.fields import field_name
from connectors.salesforce.money import Rates, iso_code
from connectors.salesforce.parts import NO_TEXT, Contents, StreamObject, Whose
from connectors.salesforce.settings import SalesforceSettings
from meaning.derive import FieldSource, OwnWords
from vocabulary.fields import ACCOUNT, KEPT, FieldType
from vocabulary.outputs import Of, Output
from vocabulary.pages import ACCOUNTS_OF
from vocabulary.rows import OUTCOMES, address_digest

Kind = Literal["Lead", "Contact"]
KINDS: Final[tuple[Kind, ...]] = ("Contact", "Lead")
"""The scored objects. Contacts come first, so that the contact of a converted lead is read before the lead."""

Target = Kind | Literal["Account"]
"""The objects that results are written to."""

KEY_PREFIXES: Final[Mapping[Target, str]] = {"Contact": "003", "Lead": "00Q", "Account": "001"}
"""The id prefix of an object, the same in every org:
https://help.salesforce.com/s/articleView?id=000385203 (2026-11)."""

CONVERTED: Final = "lead_converted"
_ON_ACCOUNT: Final = "Account."


def kind_of(lead: str) -> Kind | None:
    """Return the object that an id belongs to, or None if it is neither a lead nor a contact."""
    return next((kind for kind in KINDS if lead.startswith(KEY_PREFIXES[kind])), None)


def target_of(id_: str) -> Target | None:
    """Return the object that an id belongs to, or None if results are not written to it."""
    return next((target for target, prefix in KEY_PREFIXES.items() if id_.startswith(prefix)), None)


def targets(settings: SalesforceSettings, of: Of) -> list[Target]:
    """Return the objects that results of leads, or of accounts, are written to."""
    kinds = [kind for kind in KINDS if getattr(settings.objects, kind).read]
    return [*kinds] if of == "leads" else ["Account"]


@dataclass(frozen=True, slots=True)
class Mapped:
    """One scorecard field on one object: its Salesforce path, and how to parse its value."""

    name: str
    source: FieldSource
    type: FieldType
    own: OwnWords = field(default_factory=OwnWords)
    rates: Rates | None = None
    """The rates by which amounts of several currencies are converted."""

    @property
    def path(self) -> str:
        """The path that it is read from, or the first of several."""
        return self.source.paths[0]

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths that it is read from."""
        return self.source.paths

    @property
    def holds_number(self) -> bool:
        """Whether it is read as a number as it is, so that it may be an amount of money."""
        return self.type == "number" and self.source.derivation is None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns to query."""
        return (self.path, iso_code(self.path)) if self.rates else self.paths

    @property
    def value(self) -> pl.Expr:
        """The column of parsed values."""
        if self.rates:
            return self.rates.converted(self.path).alias(self.name)
        return self.source.value(self.type, pl.col, frames.kept, self.own).alias(self.name)


Priced = Callable[[str, Mapped], Mapped]
"""Gives a field of an object the rates of the org, if it holds amounts in several currencies."""


def unpriced(_: str, field: Mapped) -> Mapped:
    """Return a field as it is."""
    return field


def mapped(settings: SalesforceSettings, wanted: Mapping[str, FieldType], kind: Kind) -> list[Mapped]:
    """Return the wanted fields on an object or its parents, except the account."""
    return [field for field in _all_mapped(settings, wanted, kind) if not _is_on_account(kind, field)]


def mapped_on_accounts(settings: SalesforceSettings, wanted: Mapping[str, FieldType]) -> list[Mapped]:
    """Return the wanted fields of accounts, and of contacts on their account, with paths relative to the account."""
    own = {ACCOUNT + name: path for name, path in settings.accounts.items()}
    firm = [
        Mapped(name, FieldSource.parse(path), wanted[name], settings.words)
        for name, path in own.items()
        if name in wanted
    ]
    if not settings.objects.Contact.read:
        return firm
    shared = [
        Mapped(field.name, field.source.without(_ON_ACCOUNT), field.type, field.own)
        for field in _all_mapped(settings, wanted, "Contact")
        if _is_on_account("Contact", field)
    ]
    return [*shared, *firm]


def _is_on_account(kind: Kind, field: Mapped) -> bool:
    return kind == "Contact" and field.source.starts_with(_ON_ACCOUNT)


def _all_mapped(settings: SalesforceSettings, wanted: Mapping[str, FieldType], kind: Kind) -> list[Mapped]:
    sources = {name: settings.source_of(name, kind) for name in wanted}
    return [Mapped(name, source, wanted[name], settings.words) for name, source in sources.items() if source]


def people(
    settings: SalesforceSettings,
    wanted: Mapping[str, FieldType],
    outputs: Mapping[Kind, Sequence[Output]] = MappingProxyType({}),
    priced: Priced = unpriced,
    odd: OddValues | None = None,
) -> list[StreamObject]:
    """Return how contacts and leads are read, including the current values of the output fields that exist."""
    makers: Mapping[Kind, Callable[..., StreamObject]] = {"Contact": _contacts, "Lead": _leads}
    kinds = [kind for kind in KINDS if getattr(settings.objects, kind).read]
    fields = {kind: [priced(kind, field) for field in mapped(settings, wanted, kind)] for kind in kinds}
    seen = odd or OddValues()
    return [makers[kind](settings, wanted, fields[kind], outputs.get(kind, ()), seen) for kind in kinds]


def columns_of(fields: Sequence[Mapped]) -> list[str]:
    """Return the columns that fields are read from."""
    return list(dict.fromkeys(column for field in fields for column in field.columns))


def basis_of(fields: Sequence[Mapped]) -> str:
    """Return what the values of fields rest on besides their records."""
    return "".join(sorted({field.rates.label for field in fields if field.rates}))


def _ours(outputs: Sequence[Output]) -> list[str]:
    return [field_name(output.name) for output in outputs]


def _held(outputs: Sequence[Output]) -> list[pl.Expr]:
    """Return the columns with the current values of our fields."""
    types: Mapping[str, FieldType] = {"number": "number", "time": "time", "choice": "text", "text": "text"}
    fields = (frames.typed(field_name(output.name), types[output.type]).alias(output.name) for output in outputs)
    return [pl.col("Id").alias("lead"), *fields]


def _contacts(
    settings: SalesforceSettings,
    wanted: Mapping[str, FieldType],
    fields: Sequence[Mapped],
    outputs: Sequence[Output],
    odd: OddValues,
) -> StreamObject:
    own = ("AccountId", "Email", "CreatedDate", frames.MERGED_ID)
    columns = (*own, *columns_of(fields), *_ours(outputs))
    values = _values(settings, wanted, fields, account=pl.col("AccountId"))
    contents = partial(_of_contacts, partial(read_mapped, values, fields, odd), _held(outputs))
    only = settings.objects.Contact.filter
    prefix = KEY_PREFIXES["Contact"]
    return StreamObject("Contact", columns, contents, filter=only, merges=True, basis=basis_of(fields), prefix=prefix)


def _leads(
    settings: SalesforceSettings,
    wanted: Mapping[str, FieldType],
    fields: Sequence[Mapped],
    outputs: Sequence[Output],
    odd: OddValues,
) -> StreamObject:
    own = ("Email", "CreatedDate", frames.MERGED_ID, "IsConverted", "ConvertedContactId", "ConvertedDate")
    columns = (*own, *columns_of(fields), *_ours(outputs))
    values = _values(settings, wanted, fields, account=pl.lit(None, pl.String))
    contents = partial(_of_leads, partial(read_mapped, values, fields, odd), _held(outputs), settings)
    return StreamObject(
        "Lead",
        columns,
        contents,
        filter=settings.objects.Lead.filter,
        merges=True,
        counted="IsConverted = false",
        prefix=KEY_PREFIXES["Lead"],
        basis=basis_of(fields),
        people=("ConvertedContactId",),  # the conversion is the contact's
        whose=_CONVERSION if settings.outcomes.conversions else None,
    )


_CONVERSION: Final = Whose(
    pl.lit("conversion:") + pl.col("Id"),
    pl.coalesce("ConvertedContactId", "Id"),
    NO_TEXT,
    pl.col("ConvertedDate").is_not_null(),
    only="IsConverted = true",
)
"""How to tell which leads were converted."""


def _values(
    settings: SalesforceSettings, wanted: Mapping[str, FieldType], fields: Sequence[Mapped], account: pl.Expr
) -> list[pl.Expr]:
    """Return the columns of a leads frame, the same for both objects; null for fields that one of them lacks."""
    here = {field.name: field.value for field in fields}
    either = {field.name for kind in KINDS for field in mapped(settings, wanted, kind)}
    missing = {name: pl.lit(None, KEPT[wanted[name]]).alias(name) for name in wanted if name in either}
    return [
        pl.col("Id").alias("lead"),
        account.alias("account"),
        pl.col("Email").map_elements(address_digest, return_dtype=pl.String).alias("address"),
        frames.moment("CreatedDate").alias("created_at"),
        *(missing | here).values(),
    ]


def read_mapped(
    values: Sequence[pl.Expr], fields: Sequence[Mapped], odd: OddValues, rows: pl.DataFrame
) -> pl.DataFrame:
    """Return neutral rows, and report what could not be read."""
    found = rows.select(values)
    odd.look(rows, found, {field.name: (field.source, field.type) for field in fields}, pl.col)
    return found


Reading = Callable[[pl.DataFrame], pl.DataFrame]


def _of_contacts(read: Reading, held: Sequence[pl.Expr], rows: pl.DataFrame) -> Contents:
    alive = _alive(rows)
    return Contents(leads=read(alive), outputs=alive.select(held), gone=_gone(rows), merged=_merged(rows))


def _of_leads(
    read: Reading,
    held: Sequence[pl.Expr],
    settings: SalesforceSettings,
    rows: pl.DataFrame,
) -> Contents:
    """Convert leads to neutral rows. A converted lead is merged into its contact, because it can no longer be written.

    A write fails with CANNOT_UPDATE_CONVERTED_LEAD "cannot reference converted lead" (recorded).
    """
    is_converted = pl.col("IsConverted") == "true"
    converted, rest = rows.filter(is_converted), rows.filter(~is_converted)
    alive = _alive(converted)
    carried = converted.filter(pl.col("ConvertedContactId").is_not_null() & settings.objects.Contact.read)
    lost = converted.join(carried, on="Id", how="anti")
    return Contents(
        leads=read(_alive(rest)),
        outputs=_alive(rest).select(held),
        gone=[*_gone(rest), *lost["Id"]],
        merged=_merged(rest) | dict(carried.select("Id", "ConvertedContactId").iter_rows()),
        outcomes=_conversions(alive) if settings.outcomes.conversions else OUTCOMES.to_frame(),
        gone_outcomes=_conversions(converted.join(alive, on="Id", how="anti")).select("lead", "id").rows(),
    )


def _alive(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(pl.col("IsDeleted") == "false")


def _gone(rows: pl.DataFrame) -> list[str]:
    return rows.filter((pl.col("IsDeleted") == "true") & pl.col(frames.MERGED_ID).is_null())["Id"].to_list()


def _merged(rows: pl.DataFrame) -> dict[str, str]:
    """Map merged records to their survivors, following chains of merges."""
    losers = rows.filter((pl.col("IsDeleted") == "true") & pl.col(frames.MERGED_ID).is_not_null())
    masters = dict(losers.select("Id", frames.MERGED_ID).iter_rows())
    return {loser: _last(masters, loser) for loser in masters}


def _last(masters: Mapping[str, str], lead: str) -> str:
    seen = {lead}
    while (master := masters.get(lead)) and master not in seen:
        seen.add(master)
        lead = master
    return lead


def _conversions(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(
        lead=pl.coalesce("ConvertedContactId", "Id"),
        id=pl.lit("conversion:") + pl.col("Id"),
        outcome=pl.lit(CONVERTED),
        occurred_at=frames.moment("ConvertedDate"),  # a date without a time
    ).filter(pl.col("occurred_at").is_not_null())


def accounts(
    settings: SalesforceSettings,
    wanted: Mapping[str, FieldType],
    outputs: Sequence[Output] = (),
    priced: Priced = unpriced,
    odd: OddValues | None = None,
) -> list[StreamObject]:
    """Return how accounts are read, with the current values of the output fields that exist."""
    fields = [priced("Account", field) for field in mapped_on_accounts(settings, wanted)]
    values = [pl.col("Id").alias("account"), *(field.value for field in fields)]
    contents = partial(_of_accounts, partial(read_mapped, values, fields, odd or OddValues()), _held(outputs))
    whose = Whose(pl.lit(f"{ACCOUNTS_OF}:") + pl.col("Id"), NO_TEXT, NO_TEXT, pl.lit(value=True), needs_person=False)
    columns = (frames.MERGED_ID, *columns_of(fields), *_ours(outputs))
    return [StreamObject("Account", columns, contents, basis=basis_of(fields), whose=whose)]


def _of_accounts(read: Reading, held: Sequence[pl.Expr], rows: pl.DataFrame) -> Contents:
    alive = _alive(rows)
    return Contents(
        accounts=read(alive),
        account_outputs=alive.select(held),
        gone_accounts=_gone(rows),
        merged_accounts=_merged(rows),
    )
