"""`leadgauge upgrade`: settings, scorecards and the database of an older version."""

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click

from commands.common import settings_option
from config import load_settings
from config.documents import document_of, read_document
from config.mistakes import in_short
from config.settings import Settings
from config.upgrading import Upgraded, upgraded
from connectors.plain_files import read_text
from store import Store, waiting_migrations

TO_DO: Final = 1
"""The exit code of `--check` where something would change."""


@click.command("upgrade")
@settings_option
@click.option("--check", is_flag=True, help="Only tell. Exits with 1 if something would change.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def command(settings_path: Path, *, check: bool, yes: bool) -> None:
    """Rewrite settings and scorecards of an older version in the words of this one, and migrate the database.

    Comments and layout stay. Changes are shown as a diff and asked for. Stop the daemon before, and keep a backup of
    the database: an older version cannot open it afterwards.

    Example: leadgauge upgrade --check
    """
    changed = [(file, old, new) for file, old, new in _files(settings_path) if new.text != old]
    for file, old, new in changed:
        _show(file, old, new)
    if changed and not check:
        _agreed(f"Rewrite {len(changed)} {'file' if len(changed) == 1 else 'files'}?", yes=yes)
        for file, _, new in changed:
            _rewrite(file, new.text)
    if changed and check:
        click.echo("The database is looked at once the files are rewritten.")
        raise SystemExit(TO_DO)
    waiting = _migrate(load_settings(settings_path), check=check, yes=yes)
    if not changed and not waiting:
        click.echo("Settings, scorecards and database are up to date.")
    raise SystemExit(TO_DO if check and waiting else 0)


def _files(settings_path: Path) -> Iterator[tuple[Path, str, Upgraded]]:
    """Yield the settings and each scorecard that they name, with the text as it is and as it would be."""
    read_document(settings_path)  # its mistakes are worded for people
    text = read_text(settings_path)
    settings = upgraded(text, in_short(settings_path), "settings")
    yield settings_path, text, settings
    named = _scorecards(document_of(settings.text, in_short(settings_path)).data)
    for file in dict.fromkeys((settings_path.parent / name).resolve() for name in named):
        if file.is_file():
            read_document(file)
            yield file, (old := read_text(file)), upgraded(old, in_short(file), "scorecard")


def _scorecards(data: Any) -> Iterator[str]:
    """Yield the scorecards that settings name, whether or not the rest of them is valid."""
    connections = data.get("connections") if isinstance(data, dict) else None
    for connection in connections.values() if isinstance(connections, dict) else ():
        if not isinstance(connection, dict):
            continue
        several = connection.get("scorecards")
        for use in (connection.get("scorecard"), *(several if isinstance(several, list) else ())):
            name = use.get("file") if isinstance(use, dict) else use
            if isinstance(name, str):
                yield name


def _show(file: Path, old: str, new: Upgraded) -> None:
    name = in_short(file)
    for change in new.done:
        click.echo(f"{name}: {change}.")
    lines = difflib.unified_diff(old.splitlines(), new.text.splitlines(), name, f"{name} (upgraded)", lineterm="")
    click.echo("\n".join(lines))


def _agreed(question: str, *, yes: bool) -> None:
    if not yes:
        click.confirm(question, abort=True)


def _rewrite(file: Path, text: str) -> None:
    """Replace a file at once, with its rights: a reader sees the old text or the new one."""
    draft = file.with_name(f".{file.name}.upgraded")
    draft.write_text(text, encoding="utf-8", newline="")
    draft.chmod(file.stat().st_mode)
    draft.replace(file)
    click.echo(f"{in_short(file)} is rewritten.")


def _migrate(settings: Settings, *, check: bool, yes: bool) -> bool:
    """Show which migrations the database lacks and make them; return whether there are any."""
    address = settings.database
    waiting = waiting_migrations(address.url)
    if not waiting:
        return False
    click.echo(f"The database {address.shown} lacks {len(waiting)} migrations:")
    for migration in waiting:
        click.echo(f"  {migration}")
    if not check:
        _agreed("Migrate it? An older version cannot open it afterwards: keep a backup.", yes=yes)
        Store.open(address.url).close()
        click.echo("It is migrated.")
    return True
