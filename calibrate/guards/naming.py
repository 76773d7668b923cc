"""What the names of fields give away: filled in by sales, another score, today's value, or known afterwards.

A name is taken apart into words. A field counts as one of sales if all its words are of selling and one of them tells
how a sale goes: `lead_status`, `number_of_associated_deals`. One other word makes it something else:
`status_page_visits`, `deals_viewed`. Where a name leaves it open the field is left out, because a leak costs more than
a note.
"""

import re
from collections.abc import Iterator
from typing import Final

from connectors.files.headings import plain_name

SELLING: Final = frozenset(
    {
        "a", "an", "the", "of", "is", "was", "has", "in", "to", "by", "on", "at", "for", "my", "our", "hs",
        "sf", "sfdc", "crm", "hubspot", "salesforce", "pardot", "marketo", "dynamics", "c", "lead", "leads",
        "contact", "contacts", "account", "sales", "call", "pipeline", "funnel", "prospect", "person",
        "campaign", "member", "process", "marketing", "current", "last", "latest", "recent", "first",
        "previous", "next", "new", "number", "num", "no", "nr", "count", "total", "associated", "date",
        "datetime", "time", "timestamp", "days", "id", "ids", "fid", "name", "full", "alias", "code", "text",
        "value", "reason", "reasons", "detail", "details", "flag", "category", "est", "estimated", "expected",
        "actual", "change", "changed", "entered", "exited", "cumulative", "since", "contacted", "revenue",
        "cycle", "model", "budget", "length", "term", "start", "end", "signed", "sent", "top", "open",
        "opened", "user", "win",
    }
)  # fmt: skip
"""Words that a sales field may have beside one that tells."""
TELLING: Final = frozenset(
    {
        "stage", "status", "owner", "quality", "note", "notes", "tag", "tags", "profile", "disposition",
        "rating", "result", "outcome", "won", "lost", "loss", "close", "closed", "closing", "closedate",
        "converted", "deal", "deals", "opp", "opps", "opportunity", "opportunities", "sql", "mql", "sal", "sqo",
        "qualified", "unqualified", "disqualified", "qualification", "disqualification", "qualifying",
        "customer", "contract", "invoice", "revert", "remark", "remarks", "comment", "comments", "forecast",
        "probability", "likelihood", "lifecycle", "lifecyclestage", "leadstatus", "rep", "amount", "priority",
        "churned", "feedback",
    }
)  # fmt: skip
NAMELESS: Final = frozenset(["id", "ids", "name", "full", "number", "num", "no", "nr", "code", "count"])
"""Words with which `customer` is an id, and no state."""
PHRASES: Final = re.compile(
    r"(^|_)became_|(^|_)lifecycle_?stage|^hubspot_owner|(^|_)owner_?assigned|^hubspot_team$"
    r"|^owning_(business_unit|team|user)$"
    r"|(^|_)assigned_(to|user|date|at|on|by|rep|team)(_|$)|^(is_|first_|last_|date_)*assigned$"
    r"|(^|_)next_steps?$|(^|_)(deal|opportunity|contract|invoice)_types?$"
    r"|(^|_)(deal|opportunity)_created?(_(date|at|on|time))?$"
    r"|(^|_)expected_(acv|revenue|value|amount)$|^total_revenue$|^conversion_date$|^unread_by_owner$|^days_to_close$"
    r"|^is_reviewed$|(^|_)converted_(account|contact|opportunity|deal|lead)"
)
CUSTOMERS: Final = re.compile(r"^customer_(since|from)(_(date|day))?$|^(dt|date)_customer$|^customer_(start_)?date$")
SCORES: Final = re.compile(
    r"asymmetrique|(^|_)(lead|profile|activity|engagement|fit|hubspot|predictive|person|prospect|behaviou?r|demographic"
    r"|account)_?(score|index|grade|rank)(_|$)|^grade$|(^|_)(hubspot|lead|contact)score$"
    r"|(^|_)scor(e|es|ing)(_(value|band|label|date|percent|c))*$"
    r"|(^|_)(likelihood_to_close|relative_urgency|contact_priority|lead_urgency)$"
)
OTHER_SCORES: Final = re.compile(
    r"(^|_)(credit|quiz|test|exam|nps|csat|survey|satisfaction|sat|act|gmat|gre|toefl|ielts)_scores?$"
)
"""Scores of something else, which no outcome is in."""
TODAY: Final = re.compile(
    r"(^|_)last_(notable_|sales_|logged_)?activity(_(type|kind|name|date|time|timestamp))?$|(^|_)last_(status|stage)(_|$)"
    r"|^(hs_|lead_|record_|contact_|account_|do_not_modify_)*(last_|date_)*(modified|updated)(_(date|at|on|by|time|name))*$"
    r"|^(last(modified|updated|activity|viewed|referenced)date|system_?modstamp)$|(^|_)last_(viewed|referenced|transfer)_date$"
    r"|(^|_)last_contacted$|(^|_)(times_contacted|sales_activities)$|(^|_)next_activity_date$"
)
LASTLY: Final = frozenset({"last", "latest", "recent"})
AFTERWARDS: Final = re.compile(
    r"^(call_|last_call_)?(duration|length)(_of_call|_seconds|_sec)?$|_(all|overall|lifetime|ever|final|to_date)$"
)


def spellings(name: str, heading: str | None) -> Iterator[str]:
    """Yield the ways to read a name: as it is, and as its heading has it in one word (`IsConverted`, `Won__c`)."""
    yield name.rstrip("_")
    if heading:
        apart = plain_name(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", heading))
        yield re.sub(r"_c$", "", apart)


def of_sales(name: str) -> bool:
    """Return whether a name is that of a field that sales fills in."""
    words = set(name.split("_"))
    told = words & TELLING
    if told == {"customer"} and words & NAMELESS:
        return False
    return bool(PHRASES.search(name)) or bool(told and words <= SELLING | TELLING)


def of_customers(name: str) -> bool:
    """Return whether a name is that of a time since which someone is a customer; if all have one, it is no outcome."""
    return bool(CUSTOMERS.search(name))


def a_score(name: str) -> bool:
    """Return whether a name is that of another score of leads."""
    return bool(SCORES.search(name)) and not OTHER_SCORES.search(name)


def of_today(name: str) -> bool:
    """Return whether a name is that of a field with today's value."""
    return bool(TODAY.search(name))


def of_the_last(name: str) -> bool:
    """Return whether a name is that of a time when something happened last, before the export."""
    return not LASTLY.isdisjoint(name.split("_"))


def known_afterwards(name: str) -> bool:
    """Return whether a name is that of a figure that counts what came later too."""
    return bool(AFTERWARDS.search(name))
