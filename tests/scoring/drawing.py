"""Hypothesis strategies: scorecards as plain data, leads and their histories."""
# ruff: noqa: ANN001, ANN003, ANN201, ANN202 - plain data in and out, read beside the specification

from datetime import UTC, datetime, timedelta
from functools import cache

from hypothesis import strategies as st

AS_OF = datetime(2027, 1, 4, 9, 30, tzinfo=UTC)  # a Monday, after ISO week 53 of 2026
FIELDS = {"title": "text", "size": "number", "student": "flag", "buys": "time", "tags": "list"}
FIELDS |= {"ends": "date", "seats": "number", "was": "text", "segments": "member_of"}
DEALS = {"amount": "number", "open": "flag", "step": "text", "closed": "time", "signed": "date"}
FIGURES = {"worth": "number", "busy": "number", "lost": "time", "called": "time"}
"""What the drawn figures are called: of deals, of activities, the last time of deals and of activities."""
WORDS = ["vp", "HEAD_OF_SALES", "Head of Sales", "engineer", "ΣΊΣΥΦΟΣ", "İstanbul", "営業部長", "no", " vp "]
KINDS = ["page_view", "demo_request", "call", "call_attempt", "no_show", "Email_Click", "made_up"]
URLS = ["/pricing", "/blog/a", "https://x.example/Pricing?utm_source=a&p=1", "/careers?gclid=1#top"]
LETTERS = ["A+", "A", "A-", "B+", "B", "B-", "C+", "C", "C-", "D+", "D", "D-", "F"]
COLUMNS = ["A", "B", "C", "D", "F", "?"]
ZONES = ["UTC", "America/New_York", "Asia/Tokyo", "Africa/Cairo"]
SPANS = ["1h", "36h", "7d", "14d", "30d", "8w"]
MOMENTS = [AS_OF + timedelta(hours=hours) for hours in (-9000, -1000, -720, -336, -36, -1, 0, 1, 36, 720, 1000)]

spans = st.sampled_from(SPANS)
calendars = st.one_of(
    st.sampled_from(ZONES),
    st.fixed_dictionaries({"zone": st.sampled_from(ZONES), "year_starts": st.sampled_from(["February", "October"])}),
)
words = st.sampled_from(WORDS)
placeholders = st.lists(words, max_size=2)
points = st.sampled_from([-30, -5, -0.5, 0, 0.5, 1, 2.25, 3, 10, 40])


def some(strategy, least=1, most=3):
    return st.lists(strategy, min_size=least, max_size=most)


def mapping(**optional):
    """Draw a mapping with any of the keys."""
    return st.fixed_dictionaries({}, optional=optional)


@st.composite
def few(draw, keys):
    """Draw a mapping with at most three of the keys."""
    names = draw(st.lists(st.sampled_from(list(keys)), max_size=3, unique=True))
    return {name: draw(keys[name]) for name in names}


def one_operator(**operators):
    one = st.one_of([value.map(lambda operand, name=name: {name: operand}) for name, value in operators.items()])
    missing = st.sampled_from([{}, {}, {"or_missing": True}])
    return st.tuples(one, missing).map(lambda both: both[0] if "known" in both[0] else {**both[0], **both[1]})


def other(field):
    return st.just({"field": field})


periods = st.tuples(
    st.sampled_from(["this", "last", "next"]), st.sampled_from(["day", "week", "month", "quarter", "year"])
).map(" ".join)


text_test = st.one_of(
    words,
    some(words),
    one_operator(
        **{
            "is": st.one_of(words, other("was")),
            "is_not": st.one_of(words, other("was")),
            "in": some(words),
            "not_in": some(words),
            "known": st.booleans(),
        },
        contains=st.sampled_from(["v", "SALES", "σ", "長"]),
        contains_any=some(st.sampled_from(["v", "sales", "i̇", "部"])),
        starts_with=st.sampled_from(["v", "H", "営"]),
        ends_with=st.sampled_from(["p", "Σ", "長"]),
        matches=st.sampled_from([r"\b(vp|head)\b", "^e", "長$", "[a-c]"]),
    ),
)
plain_text_test = st.one_of(
    words, some(words), one_operator(contains=st.sampled_from(["v", "部"]), known=st.booleans(), is_not=words)
)
numbers = st.sampled_from([-1, 0, 5, 10, 10.5, 200])
ordered = dict.fromkeys(("at_least", "at_most", "above", "below"), numbers)
bounds = st.tuples(numbers, numbers).map(sorted).map(list)
number_test = st.one_of(
    numbers,
    some(numbers),
    one_operator(is_not=numbers, not_in=some(numbers), between=bounds, known=st.booleans(), **ordered),
    st.fixed_dictionaries({"at_least": numbers, "below": numbers}),
)
seats = st.one_of(numbers, other("seats"), other("worth"))
sized_test = st.one_of(
    number_test,
    one_operator(
        **{"is": seats, "is_not": seats},
        above=seats,
        at_most=seats,
        between=st.tuples(st.sampled_from([-1, 0]), other("seats")).map(list),
    ),
)
flag_test = st.one_of(st.booleans(), one_operator(is_not=st.booleans(), known=st.booleans()))
iso = st.sampled_from([*(moment.isoformat() for moment in MOMENTS), "2027-01-04", "2026-12-31"])
time_test = one_operator(
    within=spans,
    older_than=spans,
    within_next=spans,
    known=st.booleans(),
    during=periods,
    at_least=iso,
    below=iso,
    between=st.tuples(iso, iso).map(sorted).map(list),
)
date_test = one_operator(
    within=spans, older_than=spans, during=periods, at_least=st.sampled_from(["2026-12-31", "2027-01-04"])
)
TESTS = {
    "text": plain_text_test,
    "number": number_test,
    "flag": flag_test,
    "time": time_test,
    "list": plain_text_test,
    "date": date_test,
}
TESTS["member_of"] = st.one_of(
    plain_text_test,
    one_operator(
        contains_any=some(words),
        starts_with=words,
        ends_with=words,
        matches=words,
        not_in=some(words),
        **{"in": some(words)},
    ),
)

activity_tests = {
    "kind": st.one_of(
        st.sampled_from(KINDS), some(st.sampled_from(KINDS)), one_operator(is_not=st.sampled_from(KINDS))
    ),
    "url": one_operator(
        contains=st.sampled_from(["pricing", "/BLOG", "utm_"]),
        known=st.booleans(),
        matches=st.sampled_from(["^/", r"\?p=1$"]),
    ),
    "name": plain_text_test,
    "seconds": number_test,
    "value": number_test,
    "occurred_at": time_test,
}
activity = st.recursive(
    mapping(**activity_tests),
    lambda inner: st.one_of(mapping(**activity_tests, all=some(inner), any=some(inner), **{"not": inner})),
    max_leaves=3,
)


@cache
@st.composite
def opening(draw, computed):
    return {} if draw(st.integers(0, 3)) else {"when": draw(conditions(computed))}


@st.composite
def counted(draw):
    least = draw(st.none() | st.integers(0, 3))
    most = draw(st.none() | st.integers(least or 0, 4))
    extra = {"at_least": least, "at_most": most, "within": draw(st.none() | spans), "during": draw(st.none() | periods)}
    return {**draw(activity), **{name: value for name, value in extra.items() if value is not None}}


unanswered = st.fixed_dictionaries(
    {"kind": st.one_of(st.sampled_from(KINDS), some(st.sampled_from(KINDS))), "by": some(st.sampled_from(KINDS))},
    optional={"within": spans},
)
surge = st.fixed_dictionaries(
    {"at_least": st.sampled_from([0, 1, 1.5, 2, 3]), "points": st.sampled_from([0, 1, 3, 10])}
)
letters = st.sampled_from(LETTERS)
grade_test = st.one_of(
    letters,
    some(letters),
    one_operator(
        is_not=letters,
        not_in=some(letters),
        at_least=letters,
        at_most=letters,
        above=letters,
        below=letters,
        known=st.booleans(),
        between=st.tuples(letters, letters).map(list),
    ),
)


@cache
def stage_test(names):
    name = st.sampled_from(names)
    return st.one_of(name, some(name), one_operator(is_not=name, at_least=name, at_most=name, above=name, below=name))


urgency_test = st.sampled_from(["now", "soon", "later", "none"])


def conditions(computed):
    """Conditions on the fields and on what is computed. A strategy takes long to build, so each is kept."""
    return _conditions(known(computed))


def known(computed):
    return tuple(sorted(dict(computed).items(), key=lambda one: one[0]))


@cache
def _conditions(computed):
    keys = {name: TESTS[kind] for name, kind in FIELDS.items()} | dict(computed)
    keys |= {name: TESTS[kind] for name, kind in FIGURES.items()}
    keys |= {"title": text_test, "size": sized_test}
    keys |= {"activities": counted(), "unanswered": unanswered}
    return st.recursive(
        few(keys),
        lambda inner: few(keys | {"all": some(inner), "any": some(inner), "not": inner}),
        max_leaves=3,
    )


decays = st.one_of(
    st.just({}),
    spans.map(lambda span: {"half_life": span}),
    spans.map(lambda span: {"lifespan": span}),
    st.fixed_dictionaries({"every": spans, "lose": st.sampled_from(["10%", "50%", "33.3%"])}).map(
        lambda steps: {"steps": steps}
    ),
)
names = st.sampled_from(["Decision maker", "Preis", "価格", "Warning"])


@cache
@st.composite
def lead_rules(draw, computed):
    rule = {"name": draw(names), "lead": draw(conditions(computed)), "points": draw(points)}
    decay = draw(decays)
    return {**rule, **decay, "since": draw(st.sampled_from(["buys", "lost", "called"]))} if decay else rule


sources = st.sampled_from(
    ["size", "worth", "busy", {"days_since": "buys"}, {"days_until": "buys"}, {"days_since": "lost"}]
)
ranges = st.sampled_from(
    [
        ["5", "10", "10.5"],
        ["below 0", "0-5", "5-10", "10+"],
        ["-40--30", "-30–0", "0-30", "30-375"],
        ["1-9", "11-200", "200"],
    ]
)


@st.composite
def tables(draw):
    """A table whose keys are texts, flags or ranges."""
    kind = draw(st.sampled_from(["title", "student", "range"]))
    if kind == "range":
        return {"table": draw(sources), "points": {written: draw(points) for written in draw(ranges)}}
    keys = st.sampled_from(["vp", "NO", "HEAD_OF_SALES"]) if kind == "title" else st.booleans()
    return {"table": kind, "points": draw(st.dictionaries(keys, points, min_size=1))}


@cache
@st.composite
def table_rules(draw, computed):
    rule = {"name": draw(names), **draw(tables())}
    return rule | draw(mapping(otherwise=points, missing=points)) | draw(opening(computed))


@cache
@st.composite
def number_rules(draw, computed):
    shaped = st.fixed_dictionaries(
        {"give": points, "per": st.sampled_from([0.5, 2, 100])},
        optional={"from": st.sampled_from([-2, 5, 50]), "shape": st.sampled_from(["even", "root", "log"])},
    )
    rule = {"name": draw(names), "number": draw(sources), "points": draw(shaped)}
    rule["maximum"] = draw(st.sampled_from([0, 5, 30]))
    return rule | draw(mapping(missing=points)) | draw(opening(computed))


limits = st.sampled_from(
    [
        "1 per day",
        "2 per day",
        "1 per week",
        "2 per month",
        "1 per 7d",
        "2 per 36h",
        "1 ever",
        "3 ever",
        "1 per quarter",
        "2 per year",
        "1 per name",
        "1 per name per month",
        "2 per url per 7d",
        "1 per url ever",
    ]
)


counts = st.sampled_from([["1-2", "3-9"], ["1", "2+"], ["2-3"]])


@cache
@st.composite
def activity_rules(draw, computed):
    rule = {"name": draw(names), "activity": draw(activity), **draw(decays)}
    rule |= draw(mapping(within=spans, limit=limits, during=periods, maximum=st.sampled_from([0, 5, 30]))) | draw(
        opening(computed)
    )
    if not draw(st.integers(0, 3)):
        return rule | {"points": {written: draw(points) for written in draw(counts)}}
    rule |= draw(resets())
    each = mapping(at_least=st.integers(1, 3), award=st.sampled_from(["each", "once"]))
    return rule | {"points": draw(points)} | draw(each)


@cache
@st.composite
def groups(draw, computed):
    rule = st.one_of(
        lead_rules(computed),
        table_rules(computed),
        number_rules(computed),
        activity_rules(computed),
        activity_rules(computed),
    )
    group = {"name": draw(names), "rules": draw(st.lists(rule, max_size=4)), **draw(cuts)}
    if any("activity" in one or "since" in one for one in group["rules"]):
        group |= draw(decays)
    return (
        group
        | draw(resets())
        | draw(opening(computed))
        | draw(mapping(award=st.sampled_from(["all", "best", "worst"])))
    )


@cache
def resets(**more):
    moment = st.one_of(
        st.fixed_dictionaries({"activity": activity}),
        st.fixed_dictionaries({"since": st.sampled_from(["buys", "ends", "lost"])}),
    )
    named = st.tuples(st.just({"name": "Anew"}), moment, mapping(**more)).map(
        lambda parts: parts[0] | parts[1] | parts[2]
    )
    second = named.map(lambda one: one | {"name": "Again"})
    return st.one_of(
        st.just({}),
        st.just({}),
        named.map(lambda one: {"reset": [one]}),
        st.tuples(named, second).map(lambda both: {"reset": list(both)}),
    )


cuts = st.one_of(
    st.just({}), st.just({"maximum": 25}), st.just({"minimum": -10, "maximum": 10}), st.just({"minimum": 0})
)


@st.composite
def sections(draw, computed):
    return {
        "groups": [draw(groups(known(computed))) for _ in range(draw(st.integers(1, 2)))],
        **draw(cuts),
        **draw(resets()),
    }


def disqualifiers(condition):
    named = st.fixed_dictionaries({"name": names, "when": condition})
    return st.lists(named, min_size=1, max_size=3, unique_by=lambda one: one["name"])


@st.composite
def grades(draw, computed):
    condition = conditions(computed)
    criterion = st.fixed_dictionaries(
        {"name": names, "weight": st.sampled_from([1, 2, 3, 0.5]), "match": condition}, optional={"partial": condition}
    )
    profile = st.fixed_dictionaries(
        {"name": names, "criteria": some(criterion, most=4)}, optional={"applies": condition}
    )
    bands = st.sampled_from([{"A": 80, "B": 60, "C": 40, "D": 20, "F": 0}, {"A+": 95, "A": 50, "C-": 0}])
    grade = {"profiles": draw(some(profile, most=2))}
    return grade | draw(
        mapping(
            minimum_known=st.sampled_from(["0%", "50%", "75%", "100%"]),
            missing=st.sampled_from(["ignore", "mismatch"]),
            bands=bands,
            disqualified=st.one_of(condition, disqualifiers(condition)),
            disqualified_score=st.sampled_from(["kept", "zero"]),
        )
    )


deal_tests = {name: TESTS[kind] for name, kind in DEALS.items()}
deal = st.recursive(
    mapping(**deal_tests),
    lambda inner: mapping(**deal_tests, all=some(inner), any=some(inner), **{"not": inner}),
    max_leaves=2,
)
narrowed = st.tuples(activity, mapping(within=spans, during=periods)).map(lambda both: both[0] | both[1])


def summaries(what, fields, ways):
    """Figures of some fields of deals or activities."""
    one = st.tuples(st.sampled_from(ways), st.sampled_from(fields))
    return one.map(lambda both: {both[0]: both[1], "of": what})


@st.composite
def figures(draw):
    ways, extremes = ["sum", "average", "max", "min"], ["max", "min"]
    of_deals, of_activities = mapping(where=deal), mapping(where=narrowed, within=spans, during=periods)
    worth = st.one_of(st.just({"count": "deals"}), summaries("deals", ["amount"], ways))
    busy = st.one_of(st.just({"count": "activities"}), summaries("activities", ["seconds", "value"], ways))
    drawn = {
        "worth": draw(worth) | draw(of_deals),
        "busy": draw(busy) | draw(of_activities),
        "lost": draw(summaries("deals", ["closed", "signed"], extremes)) | draw(of_deals),
        "called": draw(summaries("activities", ["occurred_at"], extremes)) | draw(of_activities),
    }
    assert drawn.keys() == FIGURES.keys()
    return drawn


@st.composite
def cards(draw):
    computed = {}
    card = {"scorecard": "drawn", "fields": FIELDS, "deals": DEALS, "figures": draw(figures())}
    card |= draw(
        mapping(calendar=calendars, placeholders=placeholders, machine_traffic=st.sampled_from(["ignored", "counted"]))
    )
    card |= draw(resets(reason=st.just("title"), rest=spans))
    if draw(st.integers(0, 9)):
        score = dict(draw(cuts))
        if draw(st.integers(0, 5)):
            score["fit"] = draw(sections({}))
            computed["fit"] = number_test
        if draw(st.integers(0, 5)):
            score["engagement"] = draw(sections(dict(computed)))
            computed["engagement"] = number_test
        computed |= {"score": number_test, "surge": surge}
        card["score"] = score
    if draw(st.integers(0, 3)):
        card["grade"] = draw(grades(dict(computed)))
        computed["grade"] = grade_test
    if draw(st.integers(0, 3)):
        card |= draw(readiness(computed))
    return card


@st.composite
def readiness(draw, computed):
    names = ["Unaware", "Aware", "Ready"][: draw(st.integers(1, 3))]
    stages = [{"name": names[0]}]
    condition = conditions(dict(computed))
    stages += [{"name": name, "when": draw(condition)} | draw(mapping(keep=condition)) for name in names[1:]]
    stages = [stage | draw(mapping(index=st.sampled_from([0, 12.5, 55, 100]))) for stage in stages]
    computed |= {"stage": stage_test(tuple(names))}
    urgent = st.fixed_dictionaries(
        {"is": st.sampled_from(["now", "soon", "later"]), "when": conditions(dict(computed))}
    )
    part = {"readiness": {"stages": stages, "urgency": draw(st.lists(urgent, max_size=2))}}
    computed |= {"urgency": urgency_test}
    if draw(st.booleans()):
        given, called = draw(st.sampled_from(NAMES))
        level = st.sampled_from(called)
        first = st.fixed_dictionaries({"is": level, "when": conditions(dict(computed))})
        matrix = {name: {column: draw(level) for column in COLUMNS} for name in names}
        balance = {
            "fit": draw(st.integers(0, 3)),
            "engagement": draw(st.integers(0, 3)),
            "readiness": draw(st.integers(1, 3)),
        }
        part["priority"] = {"matrix": matrix, "first": draw(st.lists(first, max_size=2)), "balance": balance} | given
        part["priority"] |= draw(mapping(experiment=experiments))
    return part


experiments = st.fixed_dictionaries(
    {"share": st.sampled_from(["0%", "5%", "50%", "100%"])}, optional={"name": st.sampled_from(["a", "Größe", "0"])}
)

NAMES = [
    ({}, ["P1", "P2", "P3", "P4"]),
    ({"names": {"Hot": "Call today", "Warm": None, "Cold": "Leave to marketing"}}, ["Hot", "Warm", "Cold"]),
    ({"names": ["Zz", {"Later": "Call after the fair"}, "Aa", "Mm", "Never"]}, ["Zz", "Later", "Aa", "Mm", "Never"]),
    ({"names": ["Yes", "No"]}, ["Yes", "No"]),
]
"""The option `names` of a priority section, and the names that it gives, best first."""


awkward = st.sampled_from([None, float("nan"), float("inf"), -1.0, 0.0, 5.0, 10.0, 10.5, 200.0, 1e300])
days = st.none() | st.sampled_from([(AS_OF + timedelta(days=days)).date() for days in (-400, -93, -7, -1, 0, 1, 30)])
moments = st.none() | st.sampled_from(MOMENTS)
deals = mapping(amount=awkward, open=st.none() | st.booleans(), step=st.none() | words, closed=moments, signed=days)
entries = st.none() | st.lists(st.one_of(words, st.just(" "), st.none()), max_size=3)
leads = mapping(
    title=st.one_of(st.none(), words, st.just("  "), st.text(max_size=5)),
    size=awkward,
    student=st.none() | st.booleans(),
    buys=moments,
    ends=days,
    seats=awkward,
    was=st.one_of(st.none(), words),
    tags=entries,
    segments=entries,
    deals=st.lists(deals, max_size=4),
)
ages = st.one_of(
    st.integers(-3, 40 * 24).map(lambda hours: timedelta(hours=hours)),
    st.sampled_from(
        [
            timedelta(0),
            timedelta(days=7),
            timedelta(days=28),
            timedelta(days=366),
            timedelta(microseconds=-1),
            timedelta(microseconds=1),
        ]
    ),
)


@st.composite
def activities(draw):
    age = draw(st.none() | ages)
    return {
        "id": draw(st.sampled_from([*"abcdefghijkl", None])),
        "kind": draw(st.sampled_from([*KINDS, None])),
        "occurred_at": None if age is None else AS_OF - age,
        "url": draw(st.sampled_from([*URLS, None, ""])),
        "name": draw(st.none() | words),
        "seconds": draw(awkward),
        "value": draw(awkward),
        "machine": draw(st.sampled_from([None, None, None, "burst"])),
    }


histories = st.lists(activities(), max_size=9)
stood = st.sampled_from([None, "Unaware", "Aware", "Ready", "gone"])
people = st.lists(
    st.tuples(leads, histories, st.one_of(stood, st.tuples(stood, st.none() | st.sampled_from(MOMENTS[:6])))),
    min_size=1,
    max_size=4,
)
