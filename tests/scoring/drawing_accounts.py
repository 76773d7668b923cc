"""Hypothesis strategies: scorecards with accounts, and accounts with their people and deals.

Two cards in one are much to draw, so that each is smaller than those of `drawing`, and its conditions are short.
"""
# ruff: noqa: ANN001, ANN002, ANN201 - plain data in and out, read beside the specification

from functools import cache

from hypothesis import strategies as st

from tests.scoring import drawing as d

FIELDS = d.FIELDS | {"role": "text", "roles": "list"}
IDS = ["A", "B", "C"]
DOMAINS = [None, "acme.example", " WWW.Acme.Example ", "rival.example", "gmail.com", "www."]
ROLES = ["User", " user", "Decision maker", "Finance", None]
RESULTS = ["fit", "engagement", "score"]
OWN = {"title": "text", "size": "number", "student": "flag", "buys": "time", "ends": "date", "segments": "list"}
FIGURES = {"worth": "number", "busy": "number", "lost": "time", "heads": "number"}
WAYS = ["sum", "average", "max", "min"]


def short(tests):
    """A condition of one test, or of two."""
    one = st.one_of([test.map(lambda wanted, name=name: {name: wanted}) for name, test in tests])
    both = st.tuples(one, one).map(list)
    return st.one_of(one, one, one.map(lambda inner: {"not": inner}), both.map(lambda two: {"any": two}))


@cache
def conditions(computed=(), *, of_account=False):
    """Conditions on what is known and computed of a lead, or of its account."""
    if of_account:
        return short([(f"account.{name}", d.TESTS[kind]) for name, kind in (OWN | FIGURES).items()])
    own = [(name, d.TESTS[kind]) for name, kind in OWN.items()]
    return short([*own, *((name, COMPUTED[name]) for name in computed), ("activities", d.counted())])


COMPUTED = {
    "fit": d.number_test,
    "engagement": d.number_test,
    "score": d.number_test,
    "grade": d.grade_test,
    "stage": d.stage_test(("Unaware", "Ready")),
    "urgency": d.urgency_test,
}
compared = st.sampled_from(
    [{"account.size": {"above": {"field": "seats"}}}, {"size": {"below": {"field": "account.worth"}}}]
)
on_account = st.one_of(conditions(of_account=True), conditions(of_account=True), compared)
sources = st.sampled_from(["size", "worth", {"days_since": "buys"}])
of_account = st.sampled_from(["account.size", "account.worth", "account.heads", {"days_since": "account.buys"}])


def rules(condition, source, since):
    """Rules about what a lead or an account is."""
    asked = st.fixed_dictionaries({"lead": condition, "points": d.points})
    fading = st.fixed_dictionaries(
        {"lead": st.just({}), "points": d.points, "since": st.just(since), "half_life": d.spans}
    )
    table = st.fixed_dictionaries({"table": source, "points": st.just({"below 5": 3, "5-200": 7})})
    number = {"number": source, "points": st.just({"give": 2, "per": 2}), "maximum": st.just(9), "missing": d.points}
    return d.some(st.one_of(asked, asked, fading, table, st.fixed_dictionaries(number)), most=2)


did = st.tuples(
    st.fixed_dictionaries({"activity": d.activity, "points": d.points}),
    st.sampled_from([{}, {"half_life": "7d"}, {"limit": "1 per day"}, {"within": "14d"}]),
).map(lambda both: both[0] | both[1])


def section(rule, *more):
    """A section with one group of rules, and with more of them."""
    return st.tuples(rule, d.cuts, *more).map(
        lambda drawn: {
            "groups": [{"name": "Group", "rules": named([one for part in (drawn[0], *drawn[2:]) for one in part])}],
            **drawn[1],
        }
    )


def named(rules):
    return [{"name": f"R{place}", **rule} for place, rule in enumerate(rules)]


@cache
def parts(of_leads):
    """The sections of a card: that of leads asks about their accounts too."""
    known = (*RESULTS,)
    asked = st.one_of(conditions(known), *([on_account] if of_leads else []))
    more = [rules(on_account, of_account, "account.buys")] if of_leads else []
    criterion = st.fixed_dictionaries({"name": d.names, "weight": st.sampled_from([1, 2]), "match": asked})
    profile = st.fixed_dictionaries({"name": st.just("All"), "criteria": d.some(criterion, most=2)})
    grade = st.fixed_dictionaries(
        {"profiles": d.some(profile, most=1)},
        optional={"minimum_known": st.just("60%"), "disqualified": asked, "disqualified_score": st.just("zero")},
    )
    ready = {"name": st.just("Ready"), "when": conditions((*known, "grade"))}
    stage = st.fixed_dictionaries(ready, optional={"keep": conditions((*known, "grade"))})
    urgent = st.fixed_dictionaries({"is": st.just("now"), "when": conditions((*known, "grade", "stage"))})
    first = st.fixed_dictionaries({"is": st.sampled_from(["P1", "P3"]), "when": conditions(tuple(COMPUTED))})
    return {
        "score": st.fixed_dictionaries(
            {"fit": section(rules(conditions(), sources, "buys"), *more), "engagement": section(d.some(did, most=3))}
        ),
        "grade": grade,
        "readiness": st.tuples(stage, st.lists(urgent, max_size=1)).map(
            lambda both: {"stages": [{"name": "Unaware"}, both[0]], "urgency": both[1]}
        ),
        "priority": st.tuples(st.lists(first, max_size=1), d.mapping(experiment=d.experiments)).map(
            lambda both: {"first": both[0], "matrix": MATRIX, **both[1]}
        ),
    }


MATRIX = {
    "Unaware": dict(zip(d.COLUMNS, ["P1", "P2", "P3", "P4", "P4", "P2"], strict=True)),
    "Ready": dict.fromkeys(d.COLUMNS, "P1"),
}
RESET = {"name": "Anew", "since": "lost", "rest": "14d"}
ANEW = [{}, {}, {"reset": [RESET]}, {"reset": [{"name": "Called", "activity": {"kind": "call"}}]}]
summaries = {
    "worth": st.one_of(st.just({"count": "deals"}), d.summaries("deals", ["amount"], WAYS)),
    "busy": st.one_of(st.just({"count": "activities"}), d.summaries("activities", ["seconds"], WAYS)),
    "lost": d.summaries("deals", ["closed", "signed"], ["max", "min"]),
}
figures = st.fixed_dictionaries(summaries)
about = {"where": conditions()}
heads = st.one_of(st.just({"count": "leads"}), d.summaries("leads", ["size", "seats", "worth"], WAYS))
hot = st.one_of(st.just({"count": "leads"}), d.summaries("leads", RESULTS, WAYS))
of_leads = st.fixed_dictionaries(
    {
        "heads": st.tuples(heads, d.mapping(**about)).map(lambda both: both[0] | both[1]),
        "hot": st.tuples(hot, conditions(tuple(COMPUTED))).map(lambda both: both[0] | {"where": both[1]}),
    }
)
people = st.fixed_dictionaries({"top": st.integers(1, 3), "maximum": st.sampled_from([0, 5, 40.5])})
values = st.dictionaries(st.sampled_from(["User", "Decision maker", "Finance", "Nobody"]), d.points, min_size=1)
coverage = st.fixed_dictionaries(
    {
        "by": st.sampled_from(["role", "roles"]),
        "engaged": st.one_of(conditions(tuple(COMPUTED)), on_account),
        "points": values,
    }
)
MADE = {"name": "Made", "rules": [{"name": "Hot", "number": "hot", "points": {"give": 1, "per": 1}, "maximum": 9}]}


@st.composite
def cards(draw):
    card = {"scorecard": "drawn", "fields": FIELDS, "deals": d.DEALS, "figures": draw(figures)}
    card |= {name: draw(part) for name, part in parts(of_leads=True).items()}
    card |= draw(st.sampled_from([*ANEW, {"reset": [RESET | {"since": "account.lost", "reason": "account.title"}]}]))
    card |= draw(
        d.mapping(
            calendar=d.calendars, placeholders=st.lists(st.sampled_from(["vp", " -", "rival.example"]), max_size=2)
        )
    )
    own = {"fields": d.FIELDS | {"segments": "list"}, "figures": draw(figures) | draw(of_leads)} | draw(
        st.sampled_from(ANEW)
    )
    own |= draw(st.fixed_dictionaries(parts(of_leads=False))) if draw(st.integers(0, 3)) else {}
    if "score" in own:
        own["score"]["engagement"] |= draw(d.mapping(people=people, coverage=coverage))
        own["score"]["engagement"]["groups"] = [*own["score"]["engagement"]["groups"], MADE]
    late = draw(d.mapping(first=d.number_test))
    if late:
        first = {"is": "P2", "when": {"account.hot": late["first"]}}
        card["priority"] = card["priority"] | {"first": [first, *card["priority"]["first"]]}
    return card | {"accounts": own | draw(st.sampled_from([{}, {"by_domain": {"lead": "was", "account": "was"}}]))}


@st.composite
def cohorts(draw):
    """(people, records) as the reference takes them, and the deals with their leads and accounts."""
    drawn = draw(d.people)
    drawn += draw(st.lists(st.sampled_from(drawn), max_size=3))
    people = []
    for number, (lead, history, before) in enumerate(drawn):
        more = {"account": draw(st.sampled_from([None, *IDS])), "was": draw(st.sampled_from(DOMAINS))}
        more |= {"role": draw(st.sampled_from(ROLES)), "roles": draw(st.lists(st.sampled_from(ROLES), max_size=2))}
        own = {"lead": f"{len(drawn) - number}", "deals": list(lead.get("deals", []))}
        people.append(({**lead, **more, **own}, history, before))
    records = []
    for name in draw(st.lists(st.sampled_from(["A", "B", "D"]), unique=True)):
        record = draw(d.leads) | {"account": name, "was": draw(st.sampled_from(DOMAINS))}
        deals = [
            one | {"deal": f"{name} {place}", "account": name} for place, one in enumerate(record.get("deals", []))
        ]
        for one in deals:
            for lead, _, _ in draw(st.lists(st.sampled_from(people), max_size=2, unique_by=id)):
                lead["deals"].append(one)
        before = draw(st.one_of(d.stood, st.tuples(d.stood, st.sampled_from(d.MOMENTS[:6]))))
        records.append((record | {"deals": deals}, before))
    return people, records
