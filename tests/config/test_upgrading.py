"""Options of older versions get their names of today where they stand."""

import pytest

from config import ConfigError, Mistake
from config.upgrading import ANY, CHANGES, Removed, Renamed, Respelled, advising, upgraded

CHANGED = (
    Renamed("settings", "1.1", ("connections", ANY, "speed"), "pace"),
    Respelled("settings", "1.1", ("connections", ANY, "write", "first"), "confirm", "ask"),
    Removed("settings", "1.2", ("connections", ANY, "old"), "nothing needs it"),
    Renamed("settings", "1.3", ("connections", ANY, "pace"), "rate"),
    Renamed("scorecard", "1.1", ("score", "groups", ANY, "title"), "name"),
)
TEXT = """\
# ours
connections:
  main:
    crm: hubspot   # the CRM
    speed: 5  # calls

    old: true
    write: {first: confirm}   # safe
  other: {speed: 7, crm: hubspot}
"""


def test_only_the_old_words_change() -> None:
    """Comments, blank lines and layout stay; a later rename goes on from an earlier one."""
    made = upgraded(TEXT, "x.yaml", "settings", CHANGED)
    assert made.text == TEXT.replace("speed", "rate").replace("confirm", "ask").replace("    old: true\n", "")
    assert [type(change).__name__ for change in made.done] == ["Renamed", "Respelled", "Removed", "Renamed"]


def test_an_upgraded_text_stays_as_it_is() -> None:
    made = upgraded(TEXT, "x.yaml", "settings", CHANGED).text
    assert upgraded(made, "x.yaml", "settings", CHANGED).done == ()


def test_each_entry_of_a_list_is_renamed_and_an_anchor_once() -> None:
    text = "score:\n  groups: &g\n    - title: A # a\n    - {title: B}\nagain: *g\n"
    assert upgraded(text, "x.yaml", "scorecard", CHANGED).text == text.replace("title", "name")


def test_lines_that_end_as_on_windows_stay_so() -> None:
    text = "connections:\r\n  main:\r\n    old: 1\r\n    speed: 2\r\n"
    made = upgraded(text, "x.yaml", "settings", CHANGED).text
    assert made == "connections:\r\n  main:\r\n    rate: 2\r\n"


def test_an_old_name_beside_the_new_one_is_left_to_its_author() -> None:
    text = "connections:\n  main:\n    speed: 1\n    pace: 2\n"
    with pytest.raises(ConfigError, match=r"x\.yaml:3: .*both `speed` and `pace` are here"):
        upgraded(text, "x.yaml", "settings", CHANGED)


def test_a_removed_section_is_left_to_its_author() -> None:
    with pytest.raises(ConfigError, match="Remove it by hand"):
        upgraded("connections:\n  main:\n    old: {a: 1}\n", "x.yaml", "settings", CHANGED)


def test_a_mistake_about_an_old_name_says_what_became_of_it() -> None:
    wrong = Mistake("x.yaml", 3, "connections.main.old", "this option does not exist here.")
    with pytest.raises(ConfigError, match=r"`connections.*.old` no longer exists since version 1\.2.*`leadgauge upgr"):  # noqa: SIM117
        with advising("settings", CHANGED):
            raise ConfigError([wrong])


def test_the_old_name_of_the_calendar_is_known() -> None:
    text = "scorecard: Card\ntimezone: Europe/Berlin   # ours\n"
    assert upgraded(text, "x.yaml", "scorecard").text == text.replace("timezone", "calendar")


def test_no_change_renames_what_an_earlier_one_removed() -> None:
    """A table in the wrong order would bring a name back."""
    for place, change in enumerate(CHANGES):
        gone = {(one.kind, one.path) for one in CHANGES[:place] if isinstance(one, Removed | Renamed)}
        assert (change.kind, change.path) not in gone
