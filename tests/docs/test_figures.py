"""A measured figure in the documentation has, in its section, the command that measures it, and that command exists."""

import importlib.util
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.docs.blocks import PAGES, ROOT

FIGURE = re.compile(r"\d\s(?:µs|ms|s|KB|MB|GB|TB)\b|\bof(?: our)? CPU\b")
"""What a measurement looks like here: its unit is abbreviated. Limits are `30 seconds`, or listed below."""
MEASURING = re.compile(r"^(?:What was )?measured$|^speed$|^cost$", re.IGNORECASE)
"""Headings of sections that have measurements of any unit, such as shares and calls."""
CODE = re.compile(r"^ *```.*?^ *```$|^    \S.*?$|`[^`\n]+`", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(
    r"\bpython3? -m ([a-z_]+(?:\.\w+)+)|(?<!=)\bmake ([a-z][\w-]*)|((?:sandbox/)?\btests/[\w./-]+)|\b(du -sm)\b"
)
ONCE = "no command repeats it"
"""What a page says of a figure of a trial that is not kept."""
LIMITS = {
    "hubspot.md": ("`call_timeout` (120 s)", "64 MB unpacked; 20 GB for a download"),
    "salesforce.md": ("`timeout` (120 s)", "have 64 MB unpacked, a page of a job's result 512 MB", "120 s per call"),
    "feeds.md": ("a body of more than 1 MB",),
    "scale.md": ("6.1 KB", "5.7 KB", "6 TB"),
    "settings.md": ("at most 1 MB",),
    "store.md": ("activities take 16 MB",),
    "sandbox.md": ("10,000 events or 5 MB", "`blanks` | ARG MB (400)", "1,800 s; no refresh token"),
    "sandbox-salesforce.md": ("Events above 1 MB", "ARG MB (default 400)"),
    "machine-traffic.md": (
        "66 % began 20 to 60 s after sending, 28 % one to five minutes, 2.6 % within 20 s",
        "the open came 9 s after sending (84 % within 20 s) and the burst 33 s after that open",
        "opens 9 s after sending (median), and 33 s later",
    ),
}
"""Figures that are limits, sums of other figures, or what others published, by page: nothing of ours measures them."""
FENCE = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Section:
    """What is below one heading of a page."""

    place: str
    heading: str
    text: str


def sections() -> Iterator[Section]:
    """Yield the sections of all pages; a line of a block that begins like a heading is none."""
    for page in PAGES:
        whole = page.read_text(encoding="utf-8")
        fenced = [found.span() for found in FENCE.finditer(whole)]
        found = [one for one in re.finditer(r"^#+ (.+)$", whole, re.MULTILINE) if not inside(one.start(), fenced)]
        ends = [one.start() for one in found[1:]] + [len(whole)]
        for heading, end in zip(found, ends, strict=True):
            yield Section(str(page.relative_to(ROOT)), heading[1], whole[heading.end() : end])


def inside(place: int, spans: list[tuple[int, int]]) -> bool:
    return any(start < place < end for start, end in spans)


def measured(section: Section) -> list[str]:
    """Return the figures of a section that somebody must have measured."""
    text = FENCE.sub("", section.text)
    for limit in LIMITS.get(section.place.removeprefix("docs/"), ()):
        text = text.replace(limit, "")
    return [found[0] for found in FIGURE.finditer(text)]


def commands(text: str) -> list[str]:
    """Return the modules, targets of make and tests that the code in a text names."""
    code = "\n".join(CODE.findall(text))
    return ["".join(each or "" for each in found.groups()) for found in COMMAND.finditer(code)]


SECTIONS = list(sections())
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = {*re.findall(r"^([a-z][\w-]*):", MAKEFILE, re.MULTILINE), *re.findall(r"\bbench-\w+", MAKEFILE)}
WITH_FIGURES = [each for each in SECTIONS if measured(each) or MEASURING.search(each.heading)]


@pytest.mark.parametrize("section", WITH_FIGURES, ids=[f"{each.place} {each.heading}" for each in WITH_FIGURES])
def test_a_measured_figure_has_its_command_in_its_section(section: Section) -> None:
    assert commands(section.text) or ONCE in section.text, f"{section.place}, {section.heading}: {measured(section)}"


def exists(command: str) -> bool:
    """Tell whether a module can be imported, a test is there, or make has a target."""
    if "tests/" in command:
        return (ROOT / command).exists()
    if "." in command:
        return importlib.util.find_spec(command) is not None
    return command in TARGETS or command == "du -sm"


def test_every_module_test_and_target_that_a_page_names_exists() -> None:
    named = {(each.place, command) for each in SECTIONS for command in commands(each.text)}
    assert len(named) > 70
    assert [pair for pair in sorted(named) if not exists(pair[1])] == []


def test_what_is_listed_as_a_limit_is_on_its_page() -> None:
    pages = {page.name: page.read_text(encoding="utf-8") for page in PAGES}
    assert [limit for page, limits in LIMITS.items() for limit in limits if limit not in pages[page]] == []
