"""YAML is read as YAML 1.2, with the line of every value; invalid YAML gives one message."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from config import ConfigError, load_settings
from config.documents import read_document
from tests.config.conftest import Write

MINIMAL = "connections: {main: {crm: hubspot, token: {env: T}, scorecard: odd.yaml}}"


def test_norway_stays_norway(write: Write) -> None:
    """NO, yes, on and off are strings in YAML 1.2, even if the file declares 1.1."""
    assert read_document(write("a: [NO, no, yes, on, off, y, n]")).data["a"] == [
        "NO",
        "no",
        "yes",
        "on",
        "off",
        "y",
        "n",
    ]
    assert read_document(write("%YAML 1.1\n---\na: NO")).data == {"a": "NO"}


def test_numbers_remember_how_they_are_written(write: Write) -> None:
    data = read_document(write("a: [007, 1.50, 1_000, 0x1F, 1e3, -0.0]")).data["a"]
    assert data == [7, 1.5, 1000, 31, 1000.0, 0.0]
    assert [str(number) for number in data] == ["007", "1.50", "1_000", "0x1F", "1e3", "-0.0"]


def test_dates_stay_text_and_keys_are_text(write: Write) -> None:
    assert read_document(write("2026-01-02: 2026-03-04\n1: x\ntrue: y")).data == {
        "2026-01-02": "2026-03-04",
        "1": "x",
        "true": "y",
    }


def test_every_value_has_its_line(write: Write) -> None:
    document = read_document(write("a:\n  b: 1\n  c:\n    - x\n    - {d: 1,\n       e: 2}\n"))
    lines = {".".join(map(str, path)): line for path, line in document.lines.items()}
    assert lines == {"": 1, "a": 1, "a.b": 2, "a.c": 3, "a.c.0": 4, "a.c.1": 5, "a.c.1.d": 5, "a.c.1.e": 6}
    assert document.line(("a", "c", 1, "nothing", "here")) == 5


def test_anchors_and_merges_work_and_own_keys_win(write: Write) -> None:
    data = read_document(write("base: &b {x: 1, y: 2}\nother: {<<: *b, y: 3}\nlist: [*b, *b]\n")).data
    assert data["other"] == {"x": 1, "y": 3}
    assert data["list"] == [{"x": 1, "y": 2}] * 2


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a:\n\t- 1", 2, "tabs"),
        ("a: 1\nb: 2\na: 3", 3, "already used on line 1"),
        ("a: [1, 2", 1, "expected ',' or ']'"),
        ("a: b: c", 1, "mapping values are not allowed"),
        ("x: 1\na: 'open", 2, "quoted scalar"),
        ("a: 1\n---\nb: 2", 2, "another document"),
        ("a: *nobody", 1, "undefined alias"),
        ("a: &x [*x]", 1, "refer to themselves"),
        ("ok: 1\na: !!int x", 2, "not a number"),
        ("? [a, b]\n: 1", 1, "a key must be plain text"),
        ("a: \x01", 1, "control character"),
        ("- a\n- b", None, "has no options"),
        ("", None, "is empty"),
        ("# nothing\n", None, "is empty"),
    ],
)
def test_what_is_no_yaml_is_told_with_its_line(write: Write, text: str, line: int | None, words: str) -> None:
    with pytest.raises(ConfigError) as raised:
        read_document(write(text))
    assert len(raised.value.mistakes) == 1
    assert raised.value.mistakes[0].line == line
    assert words in str(raised.value)
    assert raised.value.mistakes[0].remedy


def test_broken_yaml_has_file_line_and_column(write: Write) -> None:
    path = write("a:\n  b: [\n")
    with pytest.raises(ConfigError, match=rf"^{path}:3:1: this is not YAML"):
        read_document(path)


def test_anchors_that_multiply_are_refused_at_once(write: Write) -> None:
    levels = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    with pytest.raises(ConfigError, match="expand to too many values"):
        read_document(write("\n".join(["a0: &a0 x", *levels])))


def test_deep_nesting_is_refused(write: Write) -> None:
    with pytest.raises(ConfigError):
        read_document(write("a: " + "[" * 400 + "]" * 400))


def test_unreadable_files_are_told_in_one_message(tmp_path: Path) -> None:
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("name: Müller".encode("latin-1"))
    told = {}
    for path in (tmp_path / "none.yaml", tmp_path, latin, tmp_path / ("x" * 300)):
        with pytest.raises(ConfigError) as raised:
            read_document(path)
        told[path.name] = str(raised.value)
    assert "no such file" in told["none.yaml"]
    assert "this is a folder" in told[tmp_path.name]
    assert "byte 8 is not UTF-8" in told["latin.yaml"]
    assert "cannot be read" in told["x" * 300]


def pipe(path: Path) -> None:
    os.mkfifo(path)


def bound_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind(str(path))


NO_FILES: list[tuple[Callable[[Path], object], str]] = [
    (pipe, "this is a pipe. Save it as a file."),
    (bound_socket, "the file cannot be read"),
    (lambda path: path.symlink_to("/dev/zero"), "this is a device. Name a file."),
    (lambda path: path.symlink_to(path), "the file cannot be read (Too many levels of symbolic links)"),
    (lambda path: path.symlink_to("nowhere"), "there is no such file."),
    (lambda path: path.write_bytes(b"a: b\n" * 10_000_000), "the file is larger than 1 MB"),
    (lambda path: path.write_bytes(b"\xff\xfe\0" * 100_000), "byte 1 is not UTF-8"),
    (lambda path: path.write_bytes(b"\0" * 100_000), "there is a control character here"),
    (lambda path: path.write_text("a: " + "[" * 200_000), "nested too deeply"),
    (lambda path: path.write_text("a: " + "{a: " * 200_000), "nested too deeply"),
    (lambda path: path.write_text("a: " + "9" * 100_000), "is not a number"),
]


@pytest.mark.parametrize("role", ["settings", "scorecard"])
@pytest.mark.parametrize(("make", "words"), NO_FILES, ids=range(len(NO_FILES)))
def test_what_is_no_small_file_is_refused_with_its_name_and_why(
    write: Write, tmp_path: Path, make: Callable[[Path], object], words: str, role: str
) -> None:
    file = tmp_path / "odd.yaml"
    make(file)
    settings = write(MINIMAL, "leadgauge.yaml")
    with pytest.raises(ConfigError) as raised:
        load_settings(file if role == "settings" else settings)
    (mistake, *_) = raised.value.mistakes
    assert mistake.file.endswith("odd.yaml")
    assert words in str(mistake)
    assert len(str(raised.value)) < 1000


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "bom.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1")
    assert read_document(path).data == {"a": 1}
