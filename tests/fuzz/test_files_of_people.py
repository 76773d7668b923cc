"""Whatever stands in a settings file, a scorecard or a table is read, or refused in words; nothing else comes of it."""

import csv
import io
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import config
from config import ConfigError, load_scorecard, load_settings
from config.upgrading import upgraded
from connectors.files.errors import FileError
from connectors.files.reading import Table
from tests.examples import up_to

SHIPPED = Path(config.__file__).parent
CARD = (SHIPPED / "b2b-saas.yaml").read_bytes()
SETTINGS = (SHIPPED / "leadgauge-hubspot.yaml").read_bytes()
WORDS = [
    "null",
    "[]",
    "{}",
    "- ",
    ": ",
    "&a ",
    "*a",
    "!!int x",
    "<<: ",
    "|\n",
    "%",
    "0x",
    "1e999",
    ".nan",
    "\x85",
    "é",
    "'",
    '"',
    "\t",
]
few = settings(max_examples=up_to(60))


def damaged(whole: bytes) -> st.SearchStrategy[bytes]:
    """Return what a file becomes when a part of it is cut out and something else put in its place."""
    part = st.one_of(st.binary(max_size=12), st.sampled_from([word.encode() for word in WORDS]))
    place, length = st.integers(0, len(whole)), st.sampled_from([0, 1, 3, 40, len(whole)])
    return st.builds(lambda at, cut, put: whole[:at] + put + whole[at + cut :], place, length, part)


def as_file(content: bytes, name: str, folder: str) -> Path:
    file = Path(folder) / name
    file.write_bytes(content)
    return file


@few
@given(st.one_of(st.binary(max_size=200), damaged(CARD)))
def test_any_bytes_are_a_scorecard_or_have_mistakes(content: bytes) -> None:
    with TemporaryDirectory() as folder, suppress(ConfigError):
        load_scorecard(as_file(content, "card.yaml", folder))


@few
@given(st.one_of(st.binary(max_size=200), damaged(SETTINGS)))
def test_any_bytes_are_settings_or_have_mistakes(content: bytes) -> None:
    with TemporaryDirectory() as folder:
        as_file(CARD, "b2b-saas.yaml", folder)
        file = as_file(content, "leadgauge.yaml", folder)
        with suppress(ConfigError):
            load_settings(file)


@few
@given(damaged(b"# ours\ntimezone: UTC   # why\n" + CARD))
def test_an_upgrade_keeps_all_but_the_old_name(content: bytes) -> None:
    """It changes nothing twice, and of a text without old names nothing at all."""
    text = content.decode("utf-8", "replace")
    with suppress(ConfigError):
        made = upgraded(text, "card.yaml", "scorecard")
        assert upgraded(made.text, "card.yaml", "scorecard").done == ()
        assert made.text.replace("calendar", "timezone", 1) == text or not made.done


cells = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=12)


@few
@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=8), st.sampled_from([",", ";", "\t"]), st.booleans())
def test_no_row_of_a_table_is_lost(rows: Sequence[tuple[str, str]], separator: str, bom: bool) -> None:
    """Whatever its cells hold, each row with an id is read, or the file is refused."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([("id", "note", "other"), *((f"p{number}", *row) for number, row in enumerate(rows))])
    with TemporaryDirectory() as folder, suppress(FileError):
        file = as_file(text.getvalue().encode("utf-8-sig" if bom else "utf-8"), "t.csv", folder)
        read = Table(str(file), {"id": "text"}, {"note": "text"}).whole()
        assert read["id"].to_list() == [f"p{number}" for number in range(len(rows))]


@few
@given(st.binary(max_size=300))
def test_any_bytes_are_a_csv_file_or_refused(content: bytes) -> None:
    with TemporaryDirectory() as folder, suppress(FileError):
        for _ in Table(str(as_file(content, "t.csv", folder)), {}, {"a": "text", "b": "number", "c": "time"}).batches():
            pass


def parquet() -> bytes:
    file = io.BytesIO()
    pl.DataFrame({"id": ["1", "2"], "a": [1.0, None], "b": [["x"], []]}).write_parquet(file)
    return file.getvalue()


PARQUET = parquet()


@pytest.mark.slow  # reading damaged files in many threads of Polars takes long on a loaded machine
@few
@given(st.one_of(st.binary(max_size=200), damaged(PARQUET)))
def test_any_bytes_are_a_parquet_file_or_refused(content: bytes) -> None:
    with TemporaryDirectory() as folder, suppress(FileError):
        for _ in Table(
            str(as_file(content, "t.parquet", folder)), {"id": "text"}, {"a": "number", "b": "list"}
        ).batches():
            pass
