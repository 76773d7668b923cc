"""Draws scores in the shape of HubSpot's Lead Scoring API, and records to score."""
# ruff: noqa: ANN001, ANN002, ANN003, ANN201 - plain data

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import strategies as st

AS_OF = datetime(2026, 3, 1, 12, tzinfo=UTC)
TEXTS = ("CEO", "Head of Sales", "head", "sales", "x")
OPTIONS = ("A", "B", "C_D")
NUMBERS = (-3, 0, 1, 10, 11, 10.5, 500, 501)
POINTS = st.sampled_from([-30, -7, 0, 2.5, 5, 20])
AGES = (0, 1, 6, 30, 31, 59, 60, 200, 400)
EVENTS = ("4-96000", "4-666440", "4-666288")
SEGMENTS = (11, 12, 13)
MISSING = st.booleans()


def operation(type_, operators, **options):
    fixed = {"operationType": st.just(type_), "operator": st.sampled_from(operators)}
    return st.fixed_dictionaries({**fixed, "includeObjectsWithNoValueSet": MISSING, **options})


def some(values, most=2):
    return st.lists(st.sampled_from(values), min_size=1, max_size=most, unique=True)


COMPARED = ("IS_EQUAL_TO", "IS_NOT_EQUAL_TO", "IS_GREATER_THAN", "IS_GREATER_THAN_OR_EQUAL_TO", "IS_LESS_THAN")
LIKE = ("IS_EQUAL_TO", "IS_NOT_EQUAL_TO", "CONTAINS", "DOES_NOT_CONTAIN", "STARTS_WITH", "ENDS_WITH")
ROLLING = ("IS_LESS_THAN_X_DAYS_AGO", "IS_MORE_THAN_X_DAYS_AGO", "IS_LESS_THAN_X_DAYS_FROM_NOW")
KNOWN = operation("ALL_PROPERTY", ["IS_KNOWN", "IS_UNKNOWN"])


@st.composite
def ranges(draw):
    low, high = sorted(draw(st.tuples(st.sampled_from(NUMBERS), st.sampled_from(NUMBERS))))
    made = operation(
        "NUMBER_RANGED", ["IS_BETWEEN", "IS_NOT_BETWEEN"], lowerBound=st.just(low), upperBound=st.just(high)
    )
    return draw(made)


def now_and(days):
    return {
        "timeType": "INDEXED",
        "zoneId": "UTC",
        "indexReference": {"referenceType": "NOW"},
        "offset": {"days": days},
    }


TIMES = st.one_of(
    operation(
        "ROLLING_DATE_RANGE",
        [*ROLLING, "IS_MORE_THAN_X_DAYS_FROM_NOW"],
        numberOfDays=st.sampled_from([1, 30, 60]),
        requiresTimeZoneConversion=st.just(value=False),
    ),
    operation(
        "DATETIME",
        ["IS_AFTER", "IS_BEFORE", "IS_EQUAL_TO"],
        timestamp=st.sampled_from([round((AS_OF - timedelta(days=age)).timestamp() * 1000) for age in AGES]),
        requiresTimeZoneConversion=st.just(value=False),
    ),
    operation(
        "DATE", ["EQUAL", "AFTER", "BEFORE"], year=st.just(2026), month=st.sampled_from(["JAN", "FEB"]), day=st.just(28)
    ),
    operation(
        "CALENDAR_DATE",
        ["IN_THIS_TIME_UNIT", "IN_THIS_TIME_UNIT_SO_FAR", "IN_LAST_TIME_UNIT", "IN_NEXT_TIME_UNIT"],
        timeUnit=st.sampled_from(["DAY", "WEEK", "MONTH", "QUARTER", "YEAR"]),
    ),
    operation("COMPARATIVE_DATE", ["IS_AFTER", "IS_BEFORE"], comparisonPropertyName=st.just("closedate")),
    operation(
        "TIME_POINT",
        ["IS_AFTER", "IS_BEFORE"],
        timePoint=st.sampled_from([now_and(days) for days in (-45, 0, 45)]),
        type=st.just("TIME_POINT"),
    ),
)
TEXTUAL = operation("STRING", LIKE, value=st.sampled_from(TEXTS)) | operation("MULTISTRING", LIKE, values=some(TEXTS))
OPERATIONS = {
    "jobtitle": TEXTUAL | KNOWN,
    "industry": operation("ENUMERATION", ["IS_ANY_OF", "IS_NONE_OF"], values=some(OPTIONS)) | KNOWN,
    "interests": operation(
        "ENUMERATION", ["IS_ANY_OF", "IS_NONE_OF", "CONTAINS_ALL", "DOES_NOT_CONTAIN_ALL"], values=some(OPTIONS)
    ),
    "numberofemployees": operation("NUMBER", COMPARED, value=st.sampled_from(NUMBERS)) | ranges() | KNOWN,
    "is_student": operation("BOOL", ["IS_EQUAL_TO", "IS_NOT_EQUAL_TO"], value=st.booleans()) | KNOWN,
    "createdate": TIMES | KNOWN,
}
"""What each property can be asked. `interests` holds several options."""
OF_EVENTS = {"hs_url": TEXTUAL, "hs_page_title": TEXTUAL}


def conditions(operations):
    singles = st.one_of(
        st.fixed_dictionaries({"type": st.just("SINGLE"), "property": st.just(name), "operation": asked})
        for name, asked in operations.items()
    )
    listed = st.lists(singles, min_size=1, max_size=3)
    composite = {"type": st.just("COMPOSITE"), "operator": st.just("AND")}
    inner = st.fixed_dictionaries({**composite, "conditions": listed})
    return st.fixed_dictionaries({**composite, "conditions": st.lists(singles | inner, min_size=1, max_size=2)})


def matches(operations):
    return st.one_of(
        st.fixed_dictionaries(
            {
                "type": st.just("MATCH"),
                "property": st.just(name),
                "matchRules": st.lists(
                    st.fixed_dictionaries({"operation": asked, "value": POINTS}), min_size=1, max_size=4
                ),
            },
            optional={"defaultValue": POINTS},
        )
        for name, asked in operations.items()
    )


CONSTANT = st.fixed_dictionaries({"type": st.just("CONSTANT"), "value": POINTS})
MEMBERSHIP = st.fixed_dictionaries(
    {
        "operation": st.sampled_from(
            ["HAS_ALL_SEGMENT_MEMBERSHIP", "HAS_AT_LEAST_ONE_SEGMENT_MEMBERSHIP", "HAS_NO_SEGMENT_MEMBERSHIP"]
        ),
        "segmentIds": some(SEGMENTS),
        "value": POINTS,
    }
)


def calculators(operations):
    conditional = {"type": st.just("CONDITIONAL"), "value": POINTS, "whereCondition": conditions(operations)}
    return CONSTANT | matches(operations) | st.fixed_dictionaries(conditional)


def simple_of(operations, *, segments):
    simple = calculators(operations)
    if segments:
        listed = st.lists(MEMBERSHIP, min_size=1, max_size=2)
        made = {"type": st.just("SEGMENT_MEMBERSHIP"), "segmentMembershipRules": listed}
        simple |= st.fixed_dictionaries(made)
    return simple


def of_records(operations, *, segments):
    simple = simple_of(operations, segments=segments)
    several = st.lists(simple, min_size=1, max_size=3)
    return simple | st.fixed_dictionaries({"type": st.just("MULTI"), "calculators": several})


@st.composite
def frequencies(draw):
    bounds = sorted(draw(st.lists(st.integers(0, 6), min_size=2, max_size=4, unique=True)))
    made = [{"type": "BETWEEN", "from": start, "to": end - 1, "value": draw(POINTS)} for start, end in pairwise(bounds)]
    last = draw(st.sampled_from(["AT_LEAST", "EXACTLY"]))
    return {"type": "BETWEEN", "ranges": [*made, {"type": last, "from": bounds[-1], "value": draw(POINTS)}]}


@st.composite
def of_events(draw, *, may_count=True):
    frame = st.fixed_dictionaries(
        {"eventFilterOperation": TIMES.filter(lambda one: one["operationType"] != "COMPARATIVE_DATE")}
    )
    counted = may_count and draw(st.booleans())
    one = {"eventTypeId": draw(st.sampled_from(EVENTS))}
    one["recordCalculation"] = draw(calculators(OF_EVENTS) if counted else of_records(OF_EVENTS, segments=False))
    if counted:
        one["eventFrequencyCriteria"] = draw(frequencies())
    if draw(st.booleans()):
        one["eventTimeframe"] = draw(frame)
    return one


EVENT_RULES = st.fixed_dictionaries(
    {"type": st.just("MULTI_UE"), "eventCalculators": st.lists(of_events(), min_size=1, max_size=2)}
)


def associated(object_, rollups, operations, type_=1, *, segments=False):
    spec = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_}
    tests = st.one_of(
        st.fixed_dictionaries({"filterType": st.just("PROPERTY"), "property": st.just(name), "operation": asked})
        for name, asked in operations.items()
    )
    return st.fixed_dictionaries(
        {
            "type": st.just("ASSOCIATIONS"),
            "associatedObjectTypeId": st.just(object_),
            "associationSpec": st.just(spec),
            "inverseAssociationSpec": st.just(spec),
            "rollupType": st.sampled_from(rollups),
            "recordCalculation": simple_of(operations, segments=segments),
        },
        optional={"associationFilters": st.fixed_dictionaries({"propertyFilters": st.lists(tests, max_size=1)})},
    )


OF_DEALS = {
    "amount": operation("NUMBER", COMPARED, value=st.sampled_from(NUMBERS)) | ranges() | KNOWN,
    "dealstage": operation("ENUMERATION", ["IS_ANY_OF", "IS_NONE_OF"], values=some(OPTIONS)) | KNOWN,
    "hs_is_closed": operation("BOOL", ["IS_EQUAL_TO", "IS_NOT_EQUAL_TO"], value=st.booleans()),
}
ROLLUPS = ("MAX", "MIN", "SUM")
DEAL_RULES = associated("0-3", ROLLUPS, OF_DEALS)
OF_COMPANIES = {name: OPERATIONS[name] for name in ("industry", "numberofemployees")}
COMPANY_RULES = associated("0-2", ["AVG", "MAX", "MIN", "SUM"], OF_COMPANIES)
OF_PEOPLE = {name: OPERATIONS[name] for name in ("jobtitle", "interests", "is_student", "createdate")}
PEOPLE_RULES = associated("0-1", ROLLUPS, OF_PEOPLE, 2, segments=True)
PEOPLE_EVENTS = st.fixed_dictionaries(
    {
        "type": st.just("ASSOCIATION_UE"),
        "associatedObjectTypeId": st.just("0-1"),
        "associationSpec": st.just({"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 2}),
        "inverseAssociationSpec": st.just({"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}),
        "rollupType": st.just("SUM"),
        "recordCalculation": st.fixed_dictionaries(
            {
                "type": st.just("MULTI_UE"),
                "eventCalculators": st.lists(of_events(may_count=False), min_size=1, max_size=2),
            }
        ),
    }
)


def rules(calculations):
    return st.fixed_dictionaries(
        {
            "enabled": st.sampled_from([True, True, True, False]),
            "configuration": st.fixed_dictionaries({"calculation": calculations}),
        },
        optional={"maximumValue": st.sampled_from([0, 10, 25]), "minimumValue": st.sampled_from([-20, 0])},
    )


def groups(category, calculations):
    return st.fixed_dictionaries(
        {
            "groupName": st.sampled_from(["Person", "Company", "Web, forms & more"]),
            "groupCategory": st.just(category),
            "ruleConfigurations": st.lists(rules(calculations), min_size=1, max_size=3),
        },
        optional={
            "maxValue": st.sampled_from([10, 40]),
            "minValue": st.sampled_from([-20, 0]),
            "groupDecay": st.fixed_dictionaries(
                {
                    "decayIntervalDays": st.sampled_from([30, 90]),
                    "percentToDecayPerInterval": st.sampled_from([0, 25, 100]),
                }
            ),
        },
    )


RECORD_RULES = of_records(OPERATIONS, segments=True)
SCORES = st.fixed_dictionaries(
    {
        "name": st.just("Drawn"),
        "objectTypeId": st.just("0-1"),
        "groupConfigs": st.lists(
            groups("FIT", RECORD_RULES | COMPANY_RULES | DEAL_RULES) | groups("INTENT", EVENT_RULES | RECORD_RULES),
            min_size=1,
            max_size=3,
        ),
    },
    optional={
        "maxScorePerCategory": st.just(50),
        "maxScore": st.just(60),
        "filterConfiguration": st.fixed_dictionaries(
            {"listFilterType": st.sampled_from(["INCLUDES", "EXCLUDES"]), "segmentIds": some(SEGMENTS)}
        ),
    },
)
COMPANY_SCORES = st.fixed_dictionaries(
    {
        "name": st.just("Drawn"),
        "objectTypeId": st.just("0-2"),
        "groupConfigs": st.lists(
            groups(
                "FIT", of_records(OF_COMPANIES, segments=False) | PEOPLE_RULES | associated("0-3", ROLLUPS, OF_DEALS, 6)
            )
            | groups("INTENT", PEOPLE_EVENTS | PEOPLE_RULES),
            min_size=1,
            max_size=3,
        ),
    },
    optional={"maxScorePerCategory": st.just(50), "maxScore": st.just(60)},
)
VALUES = {
    "jobtitle": st.sampled_from([*TEXTS, "SALES assistant"]),
    "industry": st.sampled_from(OPTIONS),
    "interests": some(OPTIONS, 3).map(";".join),
    "numberofemployees": st.sampled_from([*NUMBERS, 5]).map(float),
    "is_student": st.booleans(),
    "createdate": st.sampled_from([*AGES, -10, -40]).map(lambda age: AS_OF - timedelta(days=age, hours=1)),
    "amount": st.sampled_from(NUMBERS).map(float),
    "dealstage": st.sampled_from(OPTIONS),
    "hs_is_closed": st.booleans(),
    "closedate": st.sampled_from(AGES).map(lambda age: AS_OF - timedelta(days=age)),
}


def properties(*names):
    return st.fixed_dictionaries({}, optional={name: VALUES[name] for name in names})


DEALS_OF_IT = st.lists(properties("amount", "dealstage", "hs_is_closed"), max_size=4)
EVENT = st.fixed_dictionaries(
    {
        "type": st.sampled_from(EVENTS),
        "at": st.sampled_from(AGES).map(lambda age: AS_OF - timedelta(days=age)),
        "properties": st.fixed_dictionaries(
            {}, optional={"hs_url": st.sampled_from(TEXTS), "hs_page_title": st.sampled_from(TEXTS)}
        ),
    }
)
RECORDS = st.fixed_dictionaries(
    {
        "properties": properties(*VALUES),
        "segments": st.sets(st.sampled_from(SEGMENTS)),
        "events": st.lists(EVENT, max_size=8),
        "associated": st.fixed_dictionaries(
            {},
            optional={
                "0-2": st.lists(properties("industry", "numberofemployees"), min_size=1, max_size=1),
                "0-3": DEALS_OF_IT,
            },
        ),
    }
)
COMPANY_RECORDS = st.fixed_dictionaries(
    {
        "properties": properties("industry", "numberofemployees"),
        "people": st.lists(
            st.fixed_dictionaries(
                {
                    "properties": properties("jobtitle", "interests", "is_student", "createdate", "closedate"),
                    "segments": st.sets(st.sampled_from(SEGMENTS)),
                    "events": st.lists(EVENT, max_size=4),
                }
            ),
            max_size=3,
        ),
        "associated": st.fixed_dictionaries({"0-3": DEALS_OF_IT}),
    }
)
