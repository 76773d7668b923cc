"""Conversions: those that a CRM tells of leads, and those that follow from deals."""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import ColumnElement, CompoundSelect, Select, String, Table, cast, literal, null, select, true

from store.sql.schema import deal_leads, deals, leads, outcomes, vanished
from vocabulary.rows import DEAL_STEPS, OUTCOMES

_OF_DEAL: Final = (deals.c.connection == deal_leads.c.connection) & (deals.c.deal == deal_leads.c.deal)
_OF_ACCOUNT: Final = (deals.c.connection == leads.c.connection) & (deals.c.account == leads.c.account)

_NOBODY: Final = cast(null(), String)


def every(connection: int) -> CompoundSelect[Any]:
    """Query all conversions (`vocabulary.rows.OUTCOMES`)."""
    told = select(*(outcomes.c[name] for name in OUTCOMES))
    own = told.where(outcomes.c.connection == connection, is_here(outcomes))
    of_deals = (query for step in DEAL_STEPS.items() for query in _of_deals(connection, *step))
    return own.union_all(*of_deals)


def for_accounts(connection: int) -> CompoundSelect[Any]:
    """Query what converts accounts (`vocabulary.rows.ACCOUNT_OUTCOMES`): a deal of an account converts that one."""
    told = select(_NOBODY.label("account"), outcomes.c.lead, outcomes.c.outcome, outcomes.c.occurred_at)
    own = told.where(outcomes.c.connection == connection, is_here(outcomes))
    return own.union_all(*(query for step in DEAL_STEPS.items() for query in _for_accounts(connection, *step)))


def _for_accounts(connection: int, outcome: str, time: str) -> Iterator[Select[Any]]:
    """Yield queries of the creation or the winning of deals of accounts, and of deals that have none."""
    mine = (deals.c.connection == connection, deals.c[time].is_not(None))
    what = (literal(outcome).label("outcome"), deals.c[time].label("occurred_at"))
    yield select(deals.c.account, _NOBODY.label("lead"), *what).where(*mine, deals.c.account.is_not(None))
    of_leads = select(_NOBODY.label("account"), deal_leads.c.lead, *what)
    yield of_leads.join_from(deal_leads, deals, _OF_DEAL).where(*mine, deals.c.account.is_(None), is_here(deal_leads))


def leads_of_deals(connection: int) -> CompoundSelect[Any]:
    """Query the leads of deals: their own or, of deals that count for the account, all of its leads."""
    mine = deals.c.connection == connection
    own = select(deals.c.deal, deal_leads.c.lead).join_from(deal_leads, deals, _OF_DEAL)
    members = select(deals.c.deal, leads.c.lead).join_from(leads, deals, _OF_ACCOUNT)
    here = own.where(mine, deals.c.for_account != true(), is_here(deal_leads))
    return here.union_all(members.where(mine, deals.c.for_account == true(), leads.c.bucket >= 0))


def is_here(table: Table) -> ColumnElement[bool]:
    """Exclude vanished leads."""
    away = select(vanished.c.lead).where(vanished.c.connection == table.c.connection, vanished.c.lead == table.c.lead)
    return ~away.exists()


def _of_deals(connection: int, outcome: str, time: str) -> Iterator[Select[Any]]:
    """Yield queries of the creation or the winning of deals, for their own leads, and for those of their accounts."""
    mine = (deals.c.connection == connection, deals.c[time].is_not(None))
    what = (literal(outcome).label("outcome"), deals.c[time].label("occurred_at"))
    own = select(deal_leads.c.lead, _named(deal_leads.c.id, outcome), *what).join_from(deal_leads, deals, _OF_DEAL)
    yield own.where(*mine, deals.c.for_account != true(), is_here(deal_leads))
    of_account = literal("deal:") + deals.c.deal
    members = select(leads.c.lead, _named(of_account, outcome), *what).join_from(leads, deals, _OF_ACCOUNT)
    yield members.where(*mine, deals.c.for_account == true())


def _named(deal: ColumnElement[str], outcome: str) -> ColumnElement[str]:
    return (deal + f":{outcome}").label("id")
