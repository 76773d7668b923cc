"""Whatever a score or a table holds, what is written is a valid scorecard."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.idle import read_text_of
from config.importing.hubspot import from_hubspot
from config.importing.spreadsheet import from_csv
from config.loading import scorecard_in
from tests.drafting.test_drafting import TEXTS

quietly = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
ODD = TEXTS | st.sampled_from(
    ["", "  ", "\n", "\x85", "\ufeff", "\u2028", "\x7f", "null", "true", "007", "score", "none"]
)
FAR = st.sampled_from([0, -1, 10**18, 2**63, 1e300, -1e-300])
OPERATIONS = st.one_of(
    st.fixed_dictionaries({"operationType": st.just("STRING"), "operator": st.just("CONTAINS"), "value": ODD}),
    st.fixed_dictionaries(
        {"operationType": st.just("ENUMERATION"), "operator": st.just("IS_ANY_OF"), "values": st.tuples(ODD, ODD)}
    ),
    st.fixed_dictionaries({"operationType": st.just("NUMBER"), "operator": st.just("IS_EQUAL_TO"), "value": FAR}),
    st.fixed_dictionaries(
        {
            "operationType": st.just("DATETIME"),
            "operator": st.just("IS_AFTER"),
            "timestamp": FAR.map(int).filter(lambda one: one < 10**20),
        }
    ),
)
MATCHES = st.fixed_dictionaries(
    {
        "type": st.just("MATCH"),
        "property": ODD,
        "matchRules": st.lists(st.fixed_dictionaries({"operation": OPERATIONS, "value": FAR}), max_size=3),
    }
)
TIERS = st.lists(
    st.fixed_dictionaries({"label": ODD, "threshold": st.sampled_from([0, 5, 5, 1e9])}), min_size=1, max_size=4
)


@given(ODD, ODD, st.lists(MATCHES, max_size=3), TIERS)
@quietly
def test_odd_texts_and_numbers_in_a_score(name: str, group: str, rules: list[object], tiers: list[object]) -> None:
    configured = [{"enabled": True, "configuration": {"calculation": one}} for one in rules]
    output = {"outputType": "THRESHOLD", "id": "1", "categories": ["FIT"], "boundaries": tiers}
    raw = {
        "name": name,
        "objectTypeId": "0-1",
        "groupConfigs": [{"groupName": group, "groupCategory": "FIT", "ruleConfigurations": configured}],
        "outputConfiguration": {"outputs": [output]},
    }
    with TemporaryDirectory() as folder:
        path = Path(folder, "score.json")
        path.write_text(json.dumps(raw), encoding="utf-8")
        made = from_hubspot(path, {})
    scorecard_in(read_text_of(made.card))
    read_text_of(made.settings)


HEADERS = ("Value", "Category", "Decay", "Limit", "Half-life", "Window", "Kind", "Maximum", "Group", "Remark")
CELLS = ODD | st.sampled_from(
    [
        *(
            "1-10",
            "10+",
            "<5",
            "0-0",
            "10-1",
            "1e9",
            "9" * 23,
            "yes",
            "other",
            "unknown",
            "any",
            "CEO; CTO",
            "contains x",
        ),
        *(
            "*x*",
            "*",
            "/a/*",
            "not a, b",
            "last 3 days",
            "1/day",
            "once",
            "150% per month",
            "half-life 3d",
            "-5",
            "(3)",
        ),
        *("Email opened", "Visited page", "Webinar", "Fit", "Behavior", "Country", "2,5"),
    ]
)


@given(st.permutations(["Attribute", "Points", *HEADERS]), st.data())
@quietly
def test_odd_cells_in_a_table(headers: list[str], data: st.DataObject) -> None:
    rows = [headers, *data.draw(st.lists(st.lists(CELLS, min_size=12, max_size=12), max_size=6))]
    text = "".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) + "\r\n" for row in rows)
    with TemporaryDirectory() as folder:
        path = Path(folder, "matrix.csv")
        path.write_text(text, encoding="utf-8", newline="")
        made = from_csv(path)
    scorecard_in(read_text_of(made.card))
