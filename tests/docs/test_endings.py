"""docs/endings.md names every end that `check` warns of."""

from pathlib import Path
from typing import Any

import pytest

from connectors.hubspot import endings as hubspot
from connectors.salesforce import endings as salesforce

PAGE = Path(__file__).parents[2] / "docs" / "endings.md"


@pytest.mark.parametrize("ending", [*hubspot.ENDINGS, *salesforce.ENDINGS], ids=lambda ending: ending.what)
def test_page_gives_the_time_and_source_of_an_end(ending: Any) -> None:
    rows = [row for row in PAGE.read_text(encoding="utf-8").splitlines() if ending.source in row]
    assert any(ending.named.partition(",")[0] in row for row in rows)


def test_every_row_has_a_source() -> None:
    rows = [row for row in PAGE.read_text(encoding="utf-8").splitlines() if row.startswith("| ")]
    bare = [row for row in rows if "](http" not in row and "the same" not in row and not row.startswith("| what")]
    assert bare == []
