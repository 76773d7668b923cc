"""Each comparison runs, at the smallest size, and its contenders do the same work."""

from collections.abc import Iterator

import pytest

from bench import analysts, prediction, pulling, tools, writing
from bench.contest import Arena, arena
from bench.lines import figures

LEADS = 60
CRMS = ("hubspot", "salesforce")
READS = [(crm, what) for crm in CRMS for what in ("people", "activities")]
TOOLS = [(*read, one) for read in READS for one in pulling.CONTENDERS[read[0]][read[1]] if one.tool]


@pytest.fixture(scope="module")
def arenas() -> Iterator[dict[str, Arena]]:
    with arena("hubspot", LEADS) as hubspot, arena("salesforce", LEADS) as salesforce:
        yield {"hubspot": hubspot, "salesforce": salesforce}


@pytest.mark.parametrize(("crm", "what"), READS)
def test_leadgauge_and_the_vendors_client_read_the_same(crm: str, what: str, arenas: dict[str, Arena]) -> None:
    others = [one for one in pulling.CONTENDERS[crm][what] if not one.tool]
    lines = [figures(line) for line in pulling.contest(crm, what, arenas[crm], others)]
    assert [line["way"] for line in lines] == [pulling.OURS.name, *(one.name for one in others), pulling.STORED.name]
    assert all(float(line["cpu_s"]) > 0 and int(line["http_calls"]) > 0 for line in lines)


@pytest.mark.parametrize(("crm", "what", "contender"), TOOLS, ids=lambda one: getattr(one, "name", one))
def test_a_tool_reads_what_leadgauge_reads(
    crm: str, what: str, contender: pulling.Contender, arenas: dict[str, Arena]
) -> None:
    if tools.interpreter(contender.tool or "") is None:
        pytest.skip(f"{contender.tool} is not installed: `python -m bench.tools`")
    lines = [figures(line) for line in pulling.contest(crm, what, arenas[crm], [contender])]
    assert contender.name in {line["way"] for line in lines}


@pytest.mark.parametrize("crm", CRMS)
def test_leadgauge_and_the_vendors_client_write_the_same(crm: str, arenas: dict[str, Arena]) -> None:
    lines = [figures(line) for line in writing.contest(crm, arenas[crm])]
    assert {line["way"] for line in lines} == {one.name for one in writing.CONTENDERS[crm]}
    assert {line["fields"] for line in lines} == {"11"}


def test_all_ways_to_score_agree_on_every_lead() -> None:
    lines = [figures(line) for line in analysts.contest(400)]
    assert {line["way"]: line.get("differ") for line in lines} == {
        "leadgauge": None,
        "sql": "0",
        "pandas": "0",
        "loop": "0",
        "odoo_bayes": None,
    }


@pytest.mark.slow
def test_prediction_judges_four_contenders_and_the_truth() -> None:
    lines = [figures(line) for line in prediction.contest(["growing_funnel"], [])]
    areas = {line["way"]: float(line["auc"]) for line in lines}
    assert set(areas) == {
        "leadgauge_points",
        "leadgauge_likelihood",
        "gradient_boosting",
        "odoo_bayes",
        "truth",
    }
    assert all(0.5 < area < 1 for area in areas.values())
