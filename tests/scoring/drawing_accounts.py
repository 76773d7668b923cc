"""Hypothesis strategies: scorecards with accounts, and accounts with their people and deals."""
# ruff: noqa: ANN001, ANN201 - plain data in and out, read beside the specification

from hypothesis import strategies as st

from tests.scoring import drawing as d

FIELDS = d.FIELDS | {"role": "text", "roles": "list"}
IDS = ["A", "B", "C"]
DOMAINS = [None, "acme.example", " WWW.Acme.Example ", "rival.example", "gmail.com", "www."]
ROLES = ["User", " user", "Decision maker", "Finance", None]
RESULTS = ["fit", "engagement", "score"]
OF_ACCOUNT = {"title": "text", "size": "number", "student": "flag", "buys": "time", "ends": "date", "tags": "list"}
OF_ACCOUNT |= {"segments": "member_of", "worth": "number", "busy": "number", "lost": "time", "heads": "number"}
"""What a lead's conditions may name of its account at any time, with types."""

account_tests = {f"account.{name}": d.TESTS[kind] for name, kind in OF_ACCOUNT.items()}
compared = st.sampled_from(
    [{"account.size": {"above": {"field": "seats"}}}, {"size": {"below": {"field": "account.worth"}}}]
)
on_account = st.one_of(d.mapping(**account_tests).filter(lambda one: len(one) <= 2), compared)
sources = st.sampled_from(["account.size", "account.worth", "account.heads", {"days_since": "account.buys"}])


@st.composite
def rules(draw):
    """Rules of leads that look at their account."""
    lead = st.fixed_dictionaries({"lead": on_account, "points": d.points})
    fading = st.fixed_dictionaries(
        {"lead": st.just({}), "points": d.points, "since": st.just("account.buys"), "half_life": d.spans}
    )
    table = st.fixed_dictionaries(
        {"table": sources, "points": st.just({"below 5": 3, "5-200": 7})}, optional={"missing": d.points}
    )
    number = st.fixed_dictionaries(
        {
            "number": sources,
            "points": st.fixed_dictionaries({"give": d.points, "per": st.just(2)}),
            "maximum": st.just(9),
        }
    )
    drawn = draw(d.some(st.one_of(lead, fading, table, number), most=4))
    return [{"name": f"Of account {place}", **rule} for place, rule in enumerate(drawn)]


def leads_where(computed):
    return d.conditions({name: test for name, test in computed.items() if name != "surge"})


def computed_of(card):
    """What conditions can ask of a lead once its urgency is computed."""
    score = card.get("score", {})
    found = {part: d.number_test for part in ("fit", "engagement") if part in score}
    found |= {"score": d.number_test} if score else {}
    found |= {"grade": d.grade_test} if "grade" in card else {}
    if "readiness" in card:
        found["stage"] = d.stage_test(tuple(one["name"] for one in card["readiness"]["stages"]))
        found["urgency"] = d.urgency_test
    return found


@st.composite
def lead_figures(draw, card):
    """A figure that exists from the beginning, and one that needs results of leads."""
    results = [name for name in RESULTS if name in computed_of(card)]
    fields = d.summaries("leads", ["size", "seats", "worth"], ["sum", "average", "max", "min"])
    figures = {"heads": draw(st.one_of(st.just({"count": "leads"}), fields)) | draw(d.mapping(where=leads_where({})))}
    late = [st.just({"count": "leads"})]
    late += [d.summaries("leads", results, ["sum", "average", "max", "min"])] if results else []
    return figures | {"hot": draw(st.one_of(late)) | {"where": draw(leads_where(computed_of(card)))}}


@st.composite
def engagements(draw, card):
    """People and coverage of an account's engagement."""
    part = {}
    if "engagement" in card.get("score", {}):
        part["people"] = {"top": draw(st.integers(1, 3)), "maximum": draw(st.sampled_from([0, 5, 40.5]))}
    if draw(st.booleans()):
        values = draw(
            st.dictionaries(st.sampled_from(["User", "Decision maker", "Finance", "Nobody"]), d.points, min_size=1)
        )
        engaged = draw(leads_where(computed_of(card)))
        part["coverage"] = {"by": draw(st.sampled_from(["role", "roles"])), "engaged": engaged, "points": values}
    return part


@st.composite
def cards(draw):
    card = draw(d.cards())
    card["fields"] = FIELDS
    own = draw(d.cards())
    accounts = {name: own[name] for name in ("figures", "reset", "grade", "readiness", "priority") if name in own}
    accounts["fields"] = d.FIELDS
    accounts["figures"] |= draw(lead_figures(card))
    if "score" in own:
        score = own["score"]
        score["engagement"] = score.get("engagement", {"groups": []}) | draw(engagements(card))
        made = {
            "name": "Made",
            "number": draw(st.sampled_from(["heads", "hot"])),
            "points": {"give": 1, "per": 1},
            "maximum": 9,
        }
        score["engagement"]["groups"] = [*score["engagement"]["groups"], {"name": "Made", "rules": [made]}]
        accounts["score"] = score
    if draw(st.booleans()):
        accounts["by_domain"] = {"lead": "was", "account": "was"}
    return draw(grafted(card | {"accounts": accounts}))


@st.composite
def grafted(draw, card):
    """The card, whose leads look at their accounts in some places."""
    if "score" in card:
        part = draw(st.sampled_from([name for name in ("fit", "engagement") if name in card["score"]] or [None]))
        if part:
            groups = [
                *card["score"][part]["groups"],
                {"name": "Account", "rules": draw(rules())} | draw(d.mapping(when=on_account)),
            ]
            card["score"][part] = card["score"][part] | {"groups": groups}
    if "grade" in card and draw(st.booleans()):
        profile = card["grade"]["profiles"][0]
        criteria = [*profile["criteria"], {"name": "Account", "weight": 2, "match": draw(on_account)}]
        card["grade"]["profiles"] = [profile | {"criteria": criteria}, *card["grade"]["profiles"][1:]]
    if "priority" in card and draw(st.booleans()):
        level = draw(
            st.sampled_from(sorted({name for row in card["priority"]["matrix"].values() for name in row.values()}))
        )
        late = {"is": level, "when": {"account.hot": draw(d.number_test)}}
        card["priority"]["first"] = [late, *card["priority"].get("first", [])]
    if draw(st.integers(0, 3)) == 0:
        since = draw(st.sampled_from(["account.buys", "account.lost"]))
        card["reset"] = [*card.get("reset", []), {"name": "Of account", "since": since, "reason": "account.title"}]
    return card


@st.composite
def cohorts(draw):
    """(people, records) as the reference takes them, and the deals with their leads and accounts."""
    drawn = draw(d.people)
    drawn += draw(st.lists(st.sampled_from(drawn), max_size=3))
    people = []
    for number, (lead, history, before) in enumerate(drawn):
        about = {
            "lead": f"{len(drawn) - number}",
            "account": draw(st.sampled_from([None, *IDS])),
            "was": draw(st.sampled_from(DOMAINS)),
        }
        about |= {"role": draw(st.sampled_from(ROLES)), "roles": draw(st.lists(st.sampled_from(ROLES), max_size=2))}
        people.append(({**lead, **about, "deals": list(lead.get("deals", []))}, history, before))
    records = []
    for name in draw(st.lists(st.sampled_from(["A", "B", "D"]), unique=True)):
        record = draw(d.leads) | {"account": name, "was": draw(st.sampled_from(DOMAINS))}
        named = [
            one | {"deal": f"{name} {place}", "account": name} for place, one in enumerate(record.get("deals", []))
        ]
        for one in named:
            for lead, _, _ in draw(st.lists(st.sampled_from(people), max_size=2, unique_by=id)):
                lead["deals"].append(one)
        records.append((record | {"deals": named}, draw(d.stood)))
    return people, records
