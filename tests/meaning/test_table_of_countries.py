"""The table of country names has every name that pycountry has in our languages."""

import re
from pathlib import Path

import pytest

from meaning.countries import ALIASES, TABLE, _codes
from reference.countries import LANGUAGES, codes, rendered

OURS = Path(__file__).parents[2]


def test_the_table_is_that_of_pycountry() -> None:
    """Run `make countries` if this fails."""
    assert TABLE.read_text(encoding="utf-8") == rendered()


def test_no_name_is_lost() -> None:
    assert {**codes(), **ALIASES} == _codes()
    assert len(_codes()) > 3_000
    assert len(LANGUAGES) == 17


@pytest.mark.parametrize("name", ["README.md", "THIRD_PARTY.md", "meaning/countries.txt"])
def test_whoever_passes_it_on_learns_its_licence(name: str) -> None:
    assert re.search(r"LGPL-2\.1-or-later", (OURS / name).read_text(encoding="utf-8"))
    assert (TABLE.parent / "LGPL-2.1.txt").read_text(encoding="utf-8").count("GNU LESSER GENERAL PUBLIC LICENSE") >= 1
