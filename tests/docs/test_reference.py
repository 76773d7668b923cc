"""What is generated in the pages of reference is what the code says now."""

import pytest

from config.docs import FOLDER
from reference.errors import CODES, REMEDIES, raised, remedy
from reference.metrics import HINTS, metrics
from reference.pages import MADE, PAGES, rendered


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_reference_is_up_to_date(name: str) -> None:
    """Otherwise run `python -m reference`."""
    page = (FOLDER / name).read_text(encoding="utf-8")
    assert rendered(page) == page


def test_every_generated_part_is_on_a_page() -> None:
    pages = "".join((FOLDER / name).read_text(encoding="utf-8") for name in PAGES)
    assert [part for part in MADE if f"<!-- {part} -->" not in pages] == []


def test_the_page_says_what_to_do_about_every_error_that_ends_a_command() -> None:
    found = raised()
    assert set(REMEDIES) <= set(found)
    assert all(remedy(error) for error in found.values())
    assert {error.exit_code for error in found.values()} <= set(CODES)  # type: ignore[attr-defined]


def test_hints_are_for_figures_that_exist_and_have_no_rule() -> None:
    rows = {row.split("`")[1]: row for row in metrics().splitlines() if row.startswith("| `leadgauge")}
    assert set(HINTS) <= set(rows)
    assert [name for name in HINTS if HINTS[name] not in rows[name]] == []
