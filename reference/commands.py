"""Every command, as click knows it."""

import re
from collections.abc import Iterator
from inspect import cleandoc
from pathlib import Path
from textwrap import dedent
from typing import Final

import click

from config.docs import table
from worker import COMMANDS, main

EXAMPLE: Final = re.compile(r"Examples?:\s?")
KEPT: Final = "\b\n"
"""What click reads as: keep the lines of this paragraph."""
REMARKS: Final = re.compile(r"\s*\[(default|env var|required|\d|x)[^\]]*\]")
"""What the other columns say."""


def commands() -> str:
    """Return a section for each command and each of its subcommands."""
    context = click.Context(main, info_name="leadgauge")
    return "\n\n".join(part for name in COMMANDS for part in _sections(context, main, name))


def _sections(parent: click.Context, group: click.Group, name: str) -> Iterator[str]:
    command = group.get_command(parent, name)
    assert command is not None
    context = click.Context(command, info_name=name, parent=parent)
    heading = "##" if parent.parent is None else "###"
    yield "\n\n".join([f"{heading} {context.command_path}", *_parts(context, command)])
    if isinstance(command, click.Group):
        for each in command.list_commands(context):
            yield from _sections(context, command, each)


def _parts(context: click.Context, command: click.Command) -> Iterator[str]:
    said, example = _split(command.help or "")
    yield said
    if not isinstance(command, click.Group):
        yield f"`{context.command_path} {' '.join(command.collect_usage_pieces(context))}`"
        if rows := [row for one in command.params if (row := _row(context, one))]:
            yield table(("option", "default", "meaning"), rows)
    if example:
        yield f"Example:\n\n```sh\n{example}\n```"


def _split(text: str) -> tuple[str, str]:
    """Return what a help says, a line for each paragraph, and the lines of its examples."""
    paragraphs = [one.removeprefix(KEPT) for one in re.split(r"\n\s*\n", cleandoc(text))]
    examples = [EXAMPLE.sub("", one) for one in paragraphs if EXAMPLE.match(one)]
    said = [" ".join(one.split()) for one in paragraphs if not EXAMPLE.match(one)]
    return "\n\n".join(said), dedent("\n".join(examples)).strip()


def _row(context: click.Context, option: click.Parameter) -> tuple[str, str, str] | None:
    record = option.get_help_record(context)
    if record is None or not isinstance(option, click.Option):
        return None
    written, said = record
    if isinstance(option.type, click.Choice):
        written = written.replace(f" {option.make_metavar(context)}", "")
        said = f"{said} One of {', '.join(f'`{one}`' for one in option.type.choices)}."
    bare = written.replace("|", "/")  # a bar would end the cell, and its escape shows in code
    return f"`{bare}`", _default(context, option), REMARKS.sub("", said).strip()


def _default(context: click.Context, option: click.Option) -> str:
    if option.required:
        return "required"
    default = option.get_default(context, call=False)
    if option.is_flag:
        return f"`{option.opts[0]}`" if default is True else ""
    return f"`{default}`" if isinstance(default, str | int | float | Path) else ""
