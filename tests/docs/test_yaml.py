"""Every YAML block of the documentation is a scorecard, settings, or a part of one that the schemas allow."""

from collections.abc import Callable
from pathlib import Path
from textwrap import indent
from typing import Any

import jsonschema
import pytest

from config.checking import check_scorecard
from config.documents import read_document
from config.schema import MODELS, schema
from tests.docs.blocks import Block, blocks

Write = Callable[[str], Path]
FOREIGN = {"scrape_configs": "Prometheus reads it"}
"""Keys of blocks for other programs."""


def lenient(part: Any) -> Any:
    """Return a schema in which nothing is required, for parts of a file: then several of `oneOf` may fit."""
    if isinstance(part, dict):
        kept = {name: each for name, each in part.items() if name != "required" or not isinstance(each, list)}
        return {"anyOf" if name == "oneOf" else name: lenient(each) for name, each in kept.items()}
    return [lenient(each) for each in part] if isinstance(part, list) else part


SCHEMAS = {subject: lenient(schema(subject)) for subject in MODELS}
PARTS = [
    (subject, name, {"$ref": f"#/$defs/{name}", "$defs": found["$defs"]} if name else found)
    for subject, found in SCHEMAS.items()
    for name in (None, *(name for name, one in found["$defs"].items() if one.get("additionalProperties") is False))
]
VALIDATORS = [
    (f"{subject} {name or ''}".strip(), jsonschema.Draft202012Validator(part)) for subject, name, part in PARTS
]
WHOLE = [block for block in blocks("yaml") if block.text.startswith("scorecard: ")]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(text: str) -> Path:
        path = tmp_path / "block.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return written


def places_for(data: Any) -> list[str]:
    """Return the sections of settings and scorecards that a value may be, or that each entry of a list may be."""
    entries = data if isinstance(data, list) else [data]
    return [name for name, validator in VALIDATORS if all(validator.is_valid(entry) for entry in entries)]


@pytest.mark.parametrize("block", blocks("yaml"), ids=lambda block: block.place)
def test_a_yaml_block_is_a_part_of_settings_or_of_a_scorecard(block: Block, write: Write) -> None:
    data = read_document(write(f"block:\n{indent(block.text, '  ')}")).data["block"]
    if not isinstance(data, list) and data.keys() & FOREIGN.keys():
        return
    assert places_for(data), f"{block.place} fits nowhere"


@pytest.mark.parametrize("block", WHOLE, ids=lambda block: block.place)
def test_a_whole_scorecard_is_right_and_its_examples_come_out(block: Block, write: Write) -> None:
    report = check_scorecard(write(block.text))
    assert [str(one) for one in report.mistakes] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"outputz": "all"},
        {"outputs": 7},
        {"schedule": {"often": "5m"}},
        {"score": {"fitness": {}}},
        {"name": 1, "x": 2},
    ],
)
def test_what_no_section_allows_fits_nowhere(wrong: Any) -> None:
    assert places_for(wrong) == []
