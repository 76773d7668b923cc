"""Amounts of money in one currency: the corporate currency of the org.

Salesforce returns an amount in the currency of its record, `CurrencyIsoCode`; `convertCurrency()` would return it in
the currency of the user. `CurrencyType` holds how much of each currency equals one of the corporate currency. Orgs may
have dated rates for opportunities too; amounts of deals are converted by the present ones all the same:
https://developer.salesforce.com/docs/platform/salesforce-soql-sosl/guide/sforce-api-calls-soql-querying-currency-fields.md
(2026-11).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from connectors.base import ConfigurationError
from connectors.salesforce import frames, rest
from connectors.salesforce.describe import Descriptions
from connectors.salesforce.errors import Rejected
from connectors.salesforce.session import Session
from connectors.salesforce.soql import Query

ISO_CODE: Final = "CurrencyIsoCode"
"""The field that every object has in an org with several currencies, and none in other orgs."""

_MONEY: Final = "currency"
_RATES: Final = Query("CurrencyType", ("Id", "IsoCode", "ConversionRate", "IsCorporate"), order="Id")


@dataclass(frozen=True, slots=True)
class Rates:
    """How much of each currency equals one of the corporate currency."""

    corporate: str
    by_code: Mapping[str, float]

    @property
    def label(self) -> str:
        """The rates as text, which changes when they do."""
        return " ".join(f"{code}={rate!r}" for code, rate in sorted(self.by_code.items()))

    def converted(self, path: str) -> pl.Expr:
        """Return an amount in the corporate currency; null if its currency is unknown."""
        rate = pl.col(iso_code(path)).replace_strict(dict(self.by_code), default=None, return_dtype=pl.Float64)
        return frames.number(path) / rate


def iso_code(path: str) -> str:
    """Return the path of the currency of an amount: on the same record."""
    parents, dot, _ = path.rpartition(".")
    return f"{parents}{dot}{ISO_CODE}"


@dataclass(frozen=True, slots=True)
class Money:
    """Tells which fields hold money, and in an org with several currencies, the rates."""

    session: Session
    descriptions: Descriptions

    def is_money(self, name: str, path: str) -> bool:
        """Return whether a field holds an amount of money."""
        return self.descriptions.field(name, path).type == _MONEY

    def needs_rates(self, name: str, path: str) -> bool:
        """Return whether a field holds amounts in several currencies."""
        return self.is_money(name, path) and ISO_CODE.lower() in self.descriptions.fields(name)

    def rates(self) -> Rates:
        """Return the rates of an org with several currencies; one call."""
        try:
            rows = rest.rows(self.session, _RATES)
        except Rejected as error:
            raise ConfigurationError(
                "The org has several currencies, but its rates (CurrencyType) cannot be read, so amounts of money"
                " cannot be compared.",
                answer=error.answer,
                remedy="Let the integration user read CurrencyType, or map no field that holds money.",
            ) from error
        found = rows.select("IsoCode", rate=frames.number("ConversionRate"), first="IsCorporate")
        known = found.filter(pl.col("IsoCode").is_not_null() & (pl.col("rate") > 0))
        corporate = known.filter(pl.col("first") == "true")["IsoCode"].to_list()
        if len(corporate) != 1:
            raise ConfigurationError("The org has several currencies, but names no corporate currency.")
        return Rates(str(corporate[0]), dict(known.select("IsoCode", "rate").iter_rows()))
