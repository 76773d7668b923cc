"""The fenced blocks of the documentation."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCED = re.compile(r"^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)
SHELL = ("", "sh", "bash", "console")


@dataclass(frozen=True)
class Block:
    """A fenced block: where it begins, its language, and its text without the indentation of a list."""

    place: str
    language: str
    text: str


def blocks(*languages: str) -> list[Block]:
    """Return the blocks of all pages in some languages."""
    return [block for page in PAGES for block in _of(page) if block.language in languages]


def _of(page: Path) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    for found in FENCED.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        yield Block(f"{page.relative_to(ROOT)}:{line}", found["language"], dedent(found["text"]))


def lines(block: Block) -> list[str]:
    """Return the lines of a shell block without comments, each with what its backslash continues.

    Where lines begin with a prompt, the others are output.
    """
    joined = re.sub(r"\\\n\s*", "", block.text).splitlines()
    typed = [line.removeprefix("$ ") for line in joined if line.startswith("$ ")] or joined
    bare = [re.sub(r"(^|\s+)#( .*)?$", "", line).strip() for line in typed]
    return [line for line in bare if line]
