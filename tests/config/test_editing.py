"""Values changed where they stand in a YAML file."""

from pathlib import Path

import pytest

from config.documents import Path_, composed
from config.editing import Uneditable, changed, values

TEXT = """\
# what it is
name: Card   # stays
points: 20      # twenty
share: 50%
on: true
flow: [a, "b", c]   # a list
block:
  - x   # first
  # between
  - 'y'
  - 3
anchored: &n [1, 2]
again: *n
folded: >
  many
  lines
"""


def edit(new: dict[Path_, list[str]], text: str = TEXT) -> str:
    return changed(text, values(composed(text, "card.yaml")), new)


def test_nothing_but_the_value_changes() -> None:
    made = edit({("points",): ["-7.5"], ("share",): ["35%"], ("on",): ["false"]})
    assert made == TEXT.replace("20 ", "-7.5 ", 1).replace("50%", "35%").replace("true", "false")


def test_entries_that_stay_are_left_as_they_are_written() -> None:
    made = edit({("flow",): ["b", "d, e", "007"], ("block",): ["y", "3", "new"]})
    assert 'flow: ["b", "d, e", "007"]   # a list\n' in made
    assert "block:\n  # between\n  - 'y'\n  - 3\n  - new\n" in made


def test_the_last_entry_of_a_block_can_be_replaced_at_the_end_of_a_file() -> None:
    assert edit({("a",): ["x", "z"]}, "a:\n- x\n- y") == "a:\n- x\n- z\n"
    assert edit({("a",): ["x", "y", "z"]}, "a:\r\n- x\r\n- y\r\n") == "a:\r\n- x\r\n- y\r\n- z\r\n"


def test_text_that_yaml_would_read_as_something_else_is_quoted() -> None:
    assert 'name: "12: # no"   # stays' in edit({("name",): ["12: # no"]})
    assert 'name: "null"' in edit({("name",): ["null"]})


def test_an_anchor_stays_and_what_repeats_it_is_no_value_of_its_own() -> None:
    found = [value.path for value in values(composed(TEXT, "card.yaml"))]
    assert ("again",) not in found
    assert ("folded",) not in found
    assert "anchored: &n [2, 3]\nagain: *n\n" in edit({("anchored",): ["2", "3"]})


def test_a_value_that_is_not_there_is_refused() -> None:
    with pytest.raises(Uneditable, match=r"nothing\.here"):
        edit({("nothing", "here"): ["1"]})


@pytest.mark.parametrize("path", sorted(Path("config").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_value_of_a_shipped_file_can_be_changed_alone(path: Path) -> None:
    """Each is set to another one; a reading of the new text finds that one and all others as they were."""
    text = path.read_text(encoding="utf-8")
    known = values(composed(text, path.name))
    before = {value.path: value.written for value in known}
    new = {value.path: _other(value.kind, value.written) for value in known if "examples" not in value.path}
    made = changed(text, known, new)
    after = {value.path: value.written for value in values(composed(made, path.name))}
    assert after == {path: tuple(new.get(path, written)) for path, written in before.items()}
    assert [line for line in made.splitlines() if line.startswith("#")] == [
        line for line in text.splitlines() if line.startswith("#")
    ]


def _other(kind: str, written: tuple[str, ...]) -> tuple[str, ...]:
    if kind == "list":
        return (*written[1:], "one more")
    return (
        ("-3.5",)
        if kind == "number"
        else ("false" if written[0] == "true" else "true",)
        if kind == "flag"
        else ("a: b, [c] #",)
    )
