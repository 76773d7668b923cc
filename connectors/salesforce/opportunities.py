"""Opportunities as conversions, for `calibrate`."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final

import polars as pl

from connectors.salesforce import frames
from connectors.salesforce.activities import is_true
from connectors.salesforce.parts import NO_TEXT, Contents, StreamObject, Whose
from connectors.salesforce.settings import SalesforceSettings

CREATED: Final = "opportunity_created"
WON: Final = "opportunity_won"
_COLUMNS: Final = ("CreatedDate", "IsWon", "CloseDate")


def opportunities(settings: SalesforceSettings) -> list[StreamObject]:
    """Return how opportunities are read: through their contact roles, or their account."""
    match settings.outcomes.opportunities:
        case "contact_roles":
            return _by_roles()
        case "accounts":
            return [_part("Opportunity", "", "AccountId")]
        case "off":
            return []


def _by_roles() -> list[StreamObject]:
    """Read roles when they change or when their opportunity changes, because that does not modify the role."""
    roles = _part("OpportunityContactRole", "Opportunity.", "ContactId")
    return [roles, replace(roles, stamp="Opportunity.SystemModstamp", in_listing=False)]


def _part(name: str, at: str, owner: str) -> StreamObject:
    columns = (owner, *(at + column for column in _COLUMNS))
    people = (owner,) if owner == "ContactId" else ()  # an account's opportunities are stored without a lead
    lead, _ = _owners(owner, NO_TEXT)
    owned, of_lead = pl.col(owner).is_not_null(), owner == "ContactId"
    whose = Whose(pl.lit("opportunity:") + pl.col("Id"), lead, NO_TEXT, owned, needs_person=of_lead)
    return StreamObject(name, columns, partial(_contents, at, owner), optional=True, people=people, whose=whose)


def _contents(at: str, owner: str, rows: pl.DataFrame) -> Contents:
    alive = rows.filter((pl.col("IsDeleted") == "false") & pl.col(owner).is_not_null())
    won = alive.filter(is_true(f"{at}IsWon"))
    holding = pl.concat(
        [_outcomes(alive, owner, CREATED, f"{at}CreatedDate"), _outcomes(won, owner, WON, f"{at}CloseDate")]
    )
    return Contents(outcomes=holding, gone_outcomes=_gone(rows, owner, holding))


def _gone(rows: pl.DataFrame, owner: str, holding: pl.DataFrame) -> list[tuple[str | None, str]]:
    """Return the outcomes that records do not have, or no longer: an opportunity may be lost after it was won."""
    owned = rows.filter(pl.col(owner).is_not_null())
    lead, _ = _owners(owner, pl.lit(None, pl.String))
    either = pl.concat([owned.select(lead=lead, id=_id(outcome)) for outcome in (CREATED, WON)])
    return either.join(holding, on="id", how="anti").rows()


def _outcomes(rows: pl.DataFrame, owner: str, outcome: str, time: str) -> pl.DataFrame:
    none = pl.lit(None, pl.String)
    lead, account = _owners(owner, none)
    frame = rows.select(
        lead=lead,
        account=account,
        id=_id(outcome),
        outcome=pl.lit(outcome),
        occurred_at=frames.moment(time),
    )
    return frame.filter(pl.col("occurred_at").is_not_null())


def _id(outcome: str) -> pl.Expr:
    return pl.lit("opportunity:") + pl.col("Id") + f":{outcome.removeprefix('opportunity_')}"


def _owners(owner: str, none: pl.Expr) -> Sequence[pl.Expr]:
    return (none, pl.col(owner)) if owner == "AccountId" else (pl.col(owner), none)
