"""docs/benchmarks.md is what `bench.tables` makes of lines."""

from pathlib import Path

import pytest

from bench.lines import figures, read, told
from bench.page import PAGE, kept
from bench.tables import page
from bench.words import NAMES

OURS = "bench=writing way=leadgauge crm=hubspot rows=200 fields=11 http_calls=4 cpu_s=0.5 wall_s=1 peak_mb=90 version=leadgauge-1.0.0"
THEIRS = OURS.replace("way=leadgauge", "way=hubspot-api-client_batch_update").replace("cpu_s=0.5", "cpu_s=0.25")
WORLD = "bench=prediction way={} version=leadgauge-1.0.0 set=threshold learned=700 held=750 auc={} cpu_s=3"


def test_the_page_is_what_its_lines_make() -> None:
    """Otherwise run `make bench`, or `python -m bench.page --lines` with a file of no lines for words alone."""
    text = PAGE.read_text(encoding="utf-8")
    assert page(list(read(text))) == text


def test_every_contender_on_the_page_has_a_name_for_people() -> None:
    lines = map(figures, read(PAGE.read_text(encoding="utf-8")))
    assert {line["way"] for line in lines if "way" in line} <= set(NAMES)


def test_a_contender_that_needs_less_is_told_as_ahead() -> None:
    text = page([OURS, THEIRS])
    assert "*Writing to HubSpot*, hubspot-api-client, `batch_api.update`: 0.50 × the CPU." in text
    assert "| leadgauge | leadgauge 1.0.0 | 0.50 |  | 1.00 | 90 | 4 |" in text
    assert "Of 200 leads and 11 fields of each (`python -m bench.writing`)." in text


def test_nothing_is_said_where_leadgauge_is_not_behind() -> None:
    assert "In nothing that is measured here." in page([OURS, THEIRS.replace("cpu_s=0.25", "cpu_s=0.6")])


def test_a_challenger_that_ranks_better_is_told() -> None:
    lines = [WORLD.format("leadgauge_points", "0.7"), WORLD.format("gradient_boosting", "0.72")]
    text = page(lines)
    assert "*Predicting* `threshold`: gradient boosting ranks better, by 0.020." in text
    assert "| `threshold` | 700 | 750 | .700 | .720 | 3.00 | 3.00 |  |" in text


def test_a_contender_that_cannot_be_installed_is_left_out_with_the_reason() -> None:
    left_out = told("writing", way="simple-salesforce_bulk", crm="hubspot", missing="no matching distribution")
    assert "Left out: simple-salesforce, `bulk`. no matching distribution." in page([OURS, left_out])


def test_lines_of_scale_and_refresh_have_a_section_of_their_own() -> None:
    printed = "step=make 2 times the leads: 2.0 times the CPU\nthrough=files step=score leads=1,000 cpu_s=3 wall_s=2\n"
    (line,) = read(printed)
    text = page([OURS, line])
    assert "## One huge CRM" in text
    assert "| files | score | 1,000 | 3 | 2 |" in text
    assert "## One huge CRM" not in page([OURS])


def test_lines_run_anew_replace_those_of_their_bench_alone() -> None:
    scale = "bench=scale through=files step=score leads=5"
    assert kept(page([OURS, scale]), [THEIRS]) == [scale, THEIRS]


@pytest.mark.parametrize("value", [1, 2.5, "a b", "x=1", ""])
def test_a_line_keeps_each_figure_apart(value: object) -> None:
    line = told("some", way="one", figure=value, last=3)
    assert figures(line)["bench"] == "some"
    assert figures(line)["last"] == "3"


def test_the_page_is_in_the_site() -> None:
    assert "benchmarks.md" in (Path(__file__).parents[2] / "mkdocs.yml").read_text(encoding="utf-8")
