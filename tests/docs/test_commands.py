"""Every command line of the documentation is one that leadgauge takes; those of other programs are listed here."""

import re
import shlex
from collections.abc import Iterator

import click
import pytest

from tests.docs.blocks import PAGES, ROOT, SHELL, Block, blocks, lines
from worker import main

OTHERS = {
    "cat": "concatenates files",
    "cd": "enters a folder",
    "chmod": "closes secrets to others",
    "cp": "copies files",
    "curl": "calls the CRM or the sandbox as a program of one's own would",
    "dask": "serves a cluster, as tests/clusters.py does by its Python interface",
    "do": "belongs to the loop",
    "docker": "builds and runs the image; no machine that tests runs on has it",
    "done": "ends the loop",
    "echo": "writes a file with a secret",
    "export": "sets a secret",
    "for": "makes a certificate each",
    "kubectl": "speaks to a cluster; the manifests are validated in tests/deploy",
    "make": "targets of the Makefile, which the test below looks up",
    "mkdir": "makes a folder",
    "openssl": "makes secrets and certificates",
    "pip": "installs from the registry",
    "sqlite3": "copies the database",
    "pre-commit": "installs itself",
    "python": "runs a module of the repository",
    "python3": "makes an environment",
    "source": "enters an environment",
    "sudo": "installs the service on a machine of one's own",
}
"""Programs in blocks of the documentation that no test runs, with what for."""
CODE = re.compile(r"`([^`\n]+)`")


def commands_in(block: Block) -> Iterator[str]:
    """Yield each command of a shell block."""
    for line in lines(block):
        yield from (part.strip() for part in re.split(r"\s*(?:&&|\|\||;)\s*", line))


COMMANDS = [(block.place, command) for block in blocks(*SHELL) for command in commands_in(block)]
OURS = [(place, one) for place, one in COMMANDS if re.match(r"(\.venv/bin/)?leadgauge\b", one)]


def mistakes(command: str) -> list[str]:
    """Return what click would say of a command, without running it; words in capitals and … stand for values."""
    words = shlex.split(re.sub(r"\s*[<>|].*", "", command))[1:]
    context = click.Context(main, info_name="leadgauge")
    found: click.Command = main
    while isinstance(found, click.Group) and words and not words[0].startswith("-"):
        name = words.pop(0)
        next_one = found.get_command(context, name)
        if next_one is None:
            return [f"there is no command {name}"]
        found = next_one
        context = click.Context(found, info_name=name, parent=context)
    return _said(found, context, words)


def _said(command: click.Command, context: click.Context, words: list[str]) -> list[str]:
    try:
        given, left, _ = command.make_parser(context).parse_args(list(words))
    except click.UsageError as error:
        return [error.format_message()]
    choices = [
        f"{value} is none of {', '.join(map(str, one.type.choices))}"
        for one in command.params
        if isinstance(one.type, click.Choice) and isinstance(value := given.get(one.name or ""), str)
        if value not in one.type.choices and not re.fullmatch(r"[A-Z…]+", value)
    ]
    missing = [
        f"{one.human_readable_name} is missing"
        for one in command.params
        if isinstance(one, click.Argument) and one.required and not isinstance(given.get(one.name or ""), str | tuple)
    ]
    return [*choices, *missing, *(f"{word} is too much" for word in left)]


@pytest.mark.parametrize(("place", "command"), OURS, ids=[f"{place} {one[:50]}" for place, one in OURS])
def test_a_command_line_of_ours_exists_with_its_options(place: str, command: str) -> None:
    assert mistakes(command) == [], f"{place}: {command}"


def test_every_other_program_is_listed_with_what_for() -> None:
    others = {(place, one.split()[0]) for place, one in COMMANDS if (place, one) not in OURS}
    assert [pair for pair in sorted(others) if pair[1].removeprefix(".venv/bin/") not in OTHERS] == []


def test_every_target_of_make_exists() -> None:
    made = {word for one in COMMANDS for word in re.findall(r"\bmake ([a-z-]+)", one[1])}
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert [
        target for target in sorted(made) if not re.search(rf"^{target}:|\b{target}\b", makefile, re.MULTILINE)
    ] == []


def inline() -> list[tuple[str, str]]:
    """Return the commands in running text; what click prints of a command's use is generated from it."""
    found = []
    for page in PAGES:
        text = re.sub(r"^ *```.*?^ *```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
        said = [one for one in CODE.findall(text) if re.match(r"(\.venv/bin/)?leadgauge [a-z]", one)]
        found += [(page.name, one) for one in said if "[OPTIONS]" not in one]
    return sorted(set(found))


@pytest.mark.parametrize(("page", "command"), inline(), ids=[f"{page} {one[:50]}" for page, one in inline()])
def test_a_command_in_a_sentence_exists_with_its_options(page: str, command: str) -> None:
    """What is left out there, such as a file, is only missing."""
    said = [one for one in mistakes(command) if "missing" not in one]
    assert said == [], f"{page}: {command}"


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("leadgauge plan --htlm x", "No such option"),
        ("leadgauge backfil", "no command"),
        ("leadgauge undo", "missing"),
        ("leadgauge init --crm pipedrive", "is none of"),
        ("leadgauge status now", "too much"),
    ],
)
def test_a_wrong_command_line_is_found(command: str, says: str) -> None:
    assert says in " ".join(mistakes(command))
