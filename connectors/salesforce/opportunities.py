"""Opportunities: deals with the mapped fields and, for `calibrate`, conversions. Contact roles say whose they are."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

import polars as pl

from connectors.odd import OddValues
from connectors.salesforce import frames
from connectors.salesforce.activities import is_true
from connectors.salesforce.parts import NO_TEXT, Contents, StreamObject, Whose
from connectors.salesforce.people import Mapped, Priced, basis_of, columns_of, read_mapped, unpriced
from connectors.salesforce.settings import SalesforceSettings
from meaning.derive import FieldSource
from vocabulary.fields import TIME, FieldType
from vocabulary.pages import DEALS_OF

_NEVER: Final = pl.lit(None, TIME)
_TIMES: Final = ("CreatedDate", "IsWon", "CloseDate")
_PREFIX: Final = "006"
_PREFIX_OF_ROLES: Final = "00K"
"""How ids of the two objects begin: https://help.salesforce.com/s/articleView?id=000385203 (2026-11)."""
_IS_DELETED: Final = pl.col("IsDeleted") == "true"


def mapped_on_deals(settings: SalesforceSettings, of_deals: Mapping[str, FieldType]) -> list[Mapped]:
    """Return the wanted fields of deals, with paths relative to the opportunity."""
    chosen = ((name, settings.deals[name], kind) for name, kind in of_deals.items() if name in settings.deals)
    return [Mapped(name, FieldSource.parse(path), kind, settings.words) for name, path, kind in chosen]


def opportunities(
    settings: SalesforceSettings,
    of_deals: Mapping[str, FieldType],
    priced: Priced = unpriced,
    odd: OddValues | None = None,
) -> list[StreamObject]:
    """Return how opportunities and their contact roles are read, each once; nothing if neither is needed."""
    fields = [priced("Opportunity", field) for field in mapped_on_deals(settings, of_deals)]
    counted = settings.outcomes.opportunities
    deals = [_deals(counted, fields, odd or OddValues())] if fields or counted != "off" else []
    return [*deals, *([_roles(optional=not fields)] if fields or counted == "contact_roles" else [])]


def _deals(counted: str, fields: Sequence[Mapped], odd: OddValues) -> StreamObject:
    times = () if counted == "off" else _TIMES
    values = [
        pl.col("Id").alias("deal"),
        pl.col("AccountId").alias("account"),
        (frames.moment("CreatedDate") if times else _NEVER).alias("created_at"),
        (pl.when(is_true("IsWon")).then(frames.moment("CloseDate")) if times else _NEVER).alias("won_at"),
        pl.lit(counted == "accounts").alias("for_account"),
        *(field.value for field in fields),
    ]
    account = pl.when(pl.col("AccountId").is_not_null()).then(pl.lit(":") + pl.col("AccountId")).otherwise(pl.lit(""))
    record = pl.lit(f"{DEALS_OF}:") + pl.col("Id") + account
    return StreamObject(
        "Opportunity",
        ("AccountId", *times, *columns_of(fields)),
        partial(_of_deals, partial(read_mapped, values, fields, odd)),
        optional=not fields,
        basis=basis_of(fields),
        prefix=_PREFIX,
        whose=Whose(record, NO_TEXT, NO_TEXT, pl.lit(value=True), needs_person=False),
    )


def _of_deals(read: partial[pl.DataFrame], rows: pl.DataFrame) -> Contents:
    alive, gone = rows.filter(~_IS_DELETED), rows.filter(_IS_DELETED)
    return Contents(deals=read(alive), gone_deals=gone["Id"].to_list())


def _roles(*, optional: bool) -> StreamObject:
    """Return how contact roles are read: a change of an opportunity does not concern them, as they only join."""
    identity = pl.lit("opportunity:") + pl.col("Id")
    whose = Whose(identity, pl.col("ContactId"), NO_TEXT, pl.col("ContactId").is_not_null())
    columns = ("OpportunityId", "ContactId")
    contents = partial(_of_roles, identity)
    return StreamObject(
        "OpportunityContactRole",
        columns,
        contents,
        optional=optional,
        prefix=_PREFIX_OF_ROLES,
        people=("ContactId",),
        whose=whose,
    )


def _of_roles(identity: pl.Expr, rows: pl.DataFrame) -> Contents:
    lead = pl.when(~_IS_DELETED).then(pl.col("ContactId"))
    return Contents(deal_leads=rows.select(deal="OpportunityId", id=identity, lead=lead))
