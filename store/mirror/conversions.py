"""Conversions: those that a CRM tells of leads and accounts, and those that follow from deals."""

from typing import Any, Final

from sqlalchemy import ColumnElement, CompoundSelect, Select, Table, literal, null, select

from store.sql.schema import deal_leads, deals, leads, outcomes, vanished
from vocabulary.rows import DEAL_STEPS, OUTCOMES

_OF_DEAL: Final = (deals.c.connection == deal_leads.c.connection) & (deals.c.deal == deal_leads.c.deal)
_MEMBERS: Final = (leads.c.connection == outcomes.c.connection) & (leads.c.account == outcomes.c.account)


def every(connection: int) -> CompoundSelect[Any]:
    """Query all conversions (`vocabulary.rows.OUTCOMES`), those of an account once for each of its leads."""
    of_deals = [_of_deals(connection, outcome, time) for outcome, time in DEAL_STEPS.items()]
    return _of_leads(connection).union_all(_of_accounts(connection), *of_deals)


def is_here(table: Table) -> ColumnElement[bool]:
    """Exclude vanished leads."""
    away = select(vanished.c.lead).where(vanished.c.connection == table.c.connection, vanished.c.lead == table.c.lead)
    return ~away.exists()


def _of_leads(connection: int) -> Select[Any]:
    columns = select(*(outcomes.c[name] for name in OUTCOMES))
    return columns.where(outcomes.c.connection == connection, outcomes.c.lead != "", is_here(outcomes))


def _of_accounts(connection: int) -> Select[Any]:
    columns = [leads.c.lead, *(outcomes.c[name] for name in OUTCOMES if name != "lead")]
    mine = (outcomes.c.connection == connection, outcomes.c.lead == "")
    return select(*columns).join_from(outcomes, leads, _MEMBERS).where(*mine)


def _of_deals(connection: int, outcome: str, time: str) -> Select[Any]:
    """Query the creation or the winning of deals, for each of their leads."""
    name = (deal_leads.c.id + f":{outcome}").label("id")
    columns = (deal_leads.c.lead, null().label("account"), name, literal(outcome).label("outcome"))
    mine = (deal_leads.c.connection == connection, deals.c[time].is_not(None), is_here(deal_leads))
    return select(*columns, deals.c[time].label("occurred_at")).join_from(deal_leads, deals, _OF_DEAL).where(*mine)
