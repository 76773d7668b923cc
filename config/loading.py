"""Loads settings and scorecards from files and reports all mistakes at once."""

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from config.documents import Document, Path_, read_document
from config.kind_of_file import expect
from config.mistakes import ConfigError, Mistake, in_short
from config.notify import OWNERS
from config.settings import AnyConnection, HubSpotConnection, ScorecardUse, Settings
from config.upgrading import advising
from config.validation import validated
from scoring import Scorecard
from scoring.exclusion import fields_of, misfits, unfit
from vocabulary.closest import closest
from vocabulary.feedback import FEEDBACK
from vocabulary.fields import FieldType

_TEST: Final = "Test fields that are mapped under `fields`."


def load_scorecard(path: Path | str) -> Scorecard:
    """Read a scorecard. Raise ConfigError with all its mistakes if there are any."""
    document = read_document(Path(path))
    expect(document, "scorecard")
    return scorecard_in(document)


def scorecard_in(document: Document) -> Scorecard:
    """Return the scorecard in a document. Raise ConfigError with all its mistakes if there are any."""
    with advising("scorecard"):
        return validated(Scorecard, document, Path(document.file).parent)


def load_settings(path: Path | str) -> Settings:
    """Read settings and the scorecards they name. Raise ConfigError with the mistakes of all these files."""
    file = Path(path)
    document = read_document(file)
    expect(document, "settings")
    try:
        with advising("settings"):
            settings = validated(Settings, document, file.parent)
    except ConfigError as error:
        raise ConfigError([*error.mistakes, *_in_named_scorecards(document, file.parent)]) from None
    cards = cache(load_scorecard)  # hundreds of connections may use the same one
    mistakes = [mistake for name in settings.connections for mistake in _completed(settings, name, document, cards)]
    if mistakes:
        raise ConfigError(mistakes)
    settings._document = document  # noqa: SLF001 - this module completes the settings
    return settings


def _completed(
    settings: Settings, name: str, document: Document, cards: Callable[[Path], Scorecard]
) -> Iterator[Mistake]:
    """Load the scorecards of a connection and compare their fields with its mapping."""
    connection = settings.connections[name]
    connection._place = (document, name)  # noqa: SLF001 - this module completes the settings
    mistakes = list(_missing_cards(connection, document, name))
    there = [use for use in connection.scorecards if not _is_missing(use.file)]
    mistakes += [found for use in there for found in _load_into(use, cards)]
    yield from mistakes or _mismatches(connection, ("connections", name), document)
    yield from _unreceived(settings, name, document)


def _unreceived(settings: Settings, name: str, document: Document) -> Iterator[Mistake]:
    """Yield a feed that nothing can bring."""
    connection, path = settings.connections[name], ("connections", name, "schedule", "feed")
    if connection.schedule.feed != "received":
        return
    if not isinstance(connection, HubSpotConnection):
        yield document.mistake(path, "only HubSpot sends webhooks.", "Write `always`.")
        return
    if settings.receive is None:
        yield document.mistake(
            path, "no webhook can be received.", "Add `receive: {address: https://…}` to the settings."
        )
    if connection.feed is None:
        remedy = "Add `feed: {client_id: …, client_secret: {env: NAME}}` to the connection."
        yield document.mistake(path, "nobody knows whether a webhook is HubSpot's without the app's secret.", remedy)


def _missing_cards(connection: AnyConnection, document: Document, name: str) -> Iterator[Mistake]:
    """Yield scorecards that do not exist, at the line that names them."""
    path: Path_ = ("connections", name, "scorecard")
    path = path if path in document.lines else ("connections", name, "scorecards")
    own = Path(document.file).name
    for file in (use.file for use in connection.scorecards if _is_missing(use.file)):
        near = closest(file.name, sorted({one.name for one in file.parent.glob("*.yaml")} - {own}))
        remedy = f"Did you mean {near}?" if near else "Check the name, or make one with `leadgauge init`."
        yield document.mistake(path, f"there is no file '{in_short(file)}'.", remedy)


def _is_missing(file: Path) -> bool:
    return not os.path.lexists(file) and file.parent.is_dir()


def _load_into(use: ScorecardUse, cards: Callable[[Path], Scorecard]) -> list[Mistake]:
    try:
        use._card = cards(use.file)  # noqa: SLF001 - this module completes the settings
    except ConfigError as error:
        return error.mistakes
    return []


def _mismatches(connection: AnyConnection, path: tuple[str, ...], document: Document) -> Iterator[Mistake]:
    """Yield declared fields without a CRM field, and fields that two scorecards declare differently."""
    uses = connection.scorecards
    told: tuple[tuple[str, Collection[str], Declared], ...] = (
        ("fields", {*_mapped(connection), *connection.in_warehouse}, [(use, use.card.fields) for use in uses]),
        ("accounts", connection.accounts, [(use, use.of_accounts) for use in uses]),
        ("deals", connection.deals, [(use, use.card.deals) for use in uses]),
    )
    for option, mapped, declared in told:
        for wrong in _told_differently(declared):
            yield document.mistake(
                (*path, "scorecards"), wrong, "Declare the same type in both, or rename one of them."
            )
        for use, fields in declared:
            plain = [name for name, type_ in fields.items() if type_ != "member_of"]
            if missing := [name for name in plain if name not in mapped]:
                yield document.mistake((*path, option), *_unmapped(missing, use.card.name))
    yield from _wrong_memberships(connection, path, document)
    yield from _wrong_warehouse(connection, path, document)
    yield from _wrong_feedback(connection, path, document)
    if wrong := _by_other_domains(uses):
        yield document.mistake((*path, "scorecards"), wrong, "Write the same `by_domain` in both.")
    yield from _idle_likelihoods(uses, path, document)
    yield from _wrong_exclusions(connection, path, document)
    yield from _wrong_notices(connection, path, document)
    yield from _wrong_reporting(connection, path, document)


def mismatches_with(connection: AnyConnection, file: Path, card: Scorecard) -> list[Mistake]:
    """Return how a connection's settings would not fit a scorecard that replaced the one in a file."""
    assert connection._place is not None, "settings come from load_settings"  # noqa: SLF001
    document, name = connection._place  # noqa: SLF001 - this module completes the settings
    uses = [use.model_copy() for use in connection.scorecards]
    for use in uses:
        if use.file.resolve() == file.resolve():
            use._card = card  # noqa: SLF001 - this module completes the settings
    changed = connection.model_copy(update={"scorecards": tuple(uses)})
    return list(_mismatches(changed, ("connections", name), document))


def _mapped(connection: AnyConnection) -> Collection[str]:
    """Return the fields of leads that come from a field of the CRM."""
    return [*connection.fields, *([FEEDBACK] if connection.feedback else [])]


def _idle_likelihoods(uses: Sequence[ScorecardUse], path: tuple[str, ...], document: Document) -> Iterator[Mistake]:
    """Yield likelihoods of accounts of scorecards that score none."""
    for number, use in enumerate(uses):
        if use.accounts_likelihood is not None and use.card_of("accounts") is None:
            message = f"the scorecard {use.card.name} scores no accounts."
            remedy = "Add `score` to its section `accounts`, or remove this line."
            yield document.mistake((*path, "scorecards", number, "accounts_likelihood"), message, remedy)


def _by_other_domains(uses: Sequence[ScorecardUse]) -> str:
    """Return how two scorecards would give a lead to different accounts; empty if none do."""
    named = [(use, use.card.accounts.by_domain) for use in uses if use.card.accounts is not None]
    first, *others = named or [(uses[0], None)]
    other = next((use for use, by in others if by != first[1]), None)
    return f"{first[0].file.name} and {other.file.name} have different `accounts.by_domain`." if other else ""


Declared = Sequence[tuple[ScorecardUse, Mapping[str, FieldType]]]
"""The fields that scorecards declare, with their types."""


def _told_differently(declared: Declared) -> Iterator[str]:
    """Yield the fields that two scorecards declare with different types."""
    types: dict[str, tuple[str, str]] = {}
    for use, fields in declared:
        for name, type_ in fields.items():
            first, file = types.setdefault(name, (type_, use.file.name))
            if first != type_:
                yield f"`{name}` is {first} in {file} and {type_} in {use.file.name}."


def _wrong_memberships(connection: AnyConnection, path: tuple[str, ...], document: Document) -> Iterator[Mistake]:
    """Yield fields that list memberships without segments, and segments of fields of another type."""
    listing = {name for name, type_ in connection.wanted.items() if type_ == "member_of"}
    for use in connection.scorecards:
        lacking = [name for name in use.card.fields if name in listing - connection.member_of.keys()]
        if lacking:
            names = ", ".join(f"`{name}`" for name in lacking)
            message = f"the scorecard {use.card.name} declares {names} as member_of, but nothing says what it lists."
            yield document.mistake(
                (*path, "member_of"), message, f"Add `{lacking[0]}: {{ENTRY: {_SEGMENTS[connection.crm]}}}`."
            )
    for name in sorted(listing & connection.fields.keys()):
        message = f"`{name}` is declared as member_of, which no CRM field feeds."
        yield document.mistake((*path, "fields", name), message, "Say under `member_of` what it lists.")
    for name in connection.member_of:
        if (type_ := connection.wanted.get(name, "member_of")) != "member_of":
            message = f"`{name}` is declared as {type_}."
            yield document.mistake(
                (*path, "member_of", name), message, f"Declare `{name}: member_of` in the scorecard."
            )


def _wrong_warehouse(connection: AnyConnection, path: tuple[str, ...], document: Document) -> Iterator[Mistake]:
    """Yield fields of the warehouse that the CRM has too, or whose type no column has."""
    for name, option in connection.in_warehouse.items():
        here = (*path, *option.split("."))
        if name in _mapped(connection) or name in connection.member_of:
            yield document.mistake(here, f"`{name}` comes from the CRM too.", "Remove one of both.")
        elif connection.wanted.get(name) == "member_of":
            message = f"`{name}` is declared as member_of, which no column feeds."
            yield document.mistake(here, message, "Declare it as a list in the scorecard.")


def _wrong_feedback(connection: AnyConnection, path: tuple[str, ...], document: Document) -> Iterator[Mistake]:
    """Yield a field called as feedback that is mapped twice, or declared with another type than it has."""
    if connection.feedback is None:
        return
    if FEEDBACK in connection.fields:
        message = f"`{FEEDBACK}` is read as the section `feedback` says."
        yield document.mistake((*path, "fields", FEEDBACK), message, "Remove this line, or the section `feedback`.")
    if (kind := connection.wanted[FEEDBACK]) != "text":
        message = f"a scorecard declares `{FEEDBACK}` as {kind}, but what sales says is text."
        yield document.mistake((*path, FEEDBACK), message, f"Declare `{FEEDBACK}: text` in the scorecard.")


_SEGMENTS: Final = {"hubspot": "<id or name of a list>", "salesforce": "<id or name of a campaign>"}


def _wrong_exclusions(connection: AnyConnection, path: tuple[str, ...], document: Document) -> Iterator[Mistake]:
    """Yield conditions of `exclude` that ask for more than mapped fields, or do not fit their type."""
    for name, condition in connection.exclude.items():
        here = (*path, "exclude", name)
        if wrong := unfit(condition):
            yield document.mistake(here, f"{wrong}.", _TEST)
        for field, _ in fields_of(condition):
            if connection.wanted.get(field) == "member_of":
                # Nothing is kept of excluded people, so whether they are still members would not be known.
                yield document.mistake(here, f"`{field}` lists memberships, which cannot be asked here.", _TEST)
            elif field not in _mapped(connection):
                remedy = f"Add `{field}: <CRM field>` under `fields`."
                yield document.mistake(here, f"no CRM field is mapped to `{field}`.", remedy)
        yield from (document.mistake(here, f"{wrong}.") for wrong in misfits(condition, connection.wanted))


def _wrong_notices(connection: AnyConnection, path: tuple[str, ...], document: Document) -> Iterator[Mistake]:
    """Yield sinks that ask for an owner that no CRM field is mapped to."""
    for name, sink in connection.notify.sinks.items() if connection.notify else ():
        field = sink.owner_field
        if field is not None and field not in connection.fields:
            yield document.mistake(
                (*path, "notify", "sinks", name, "owners"),
                f"no CRM field is mapped to `{field}`.",
                f"Add `{field}: {OWNERS[connection.crm]}` under `fields`, or name another field.",
            )


def _wrong_reporting(connection: AnyConnection, path: tuple[str, ...], document: Document) -> Iterator[Mistake]:
    """Yield fields that the report is to show and that no CRM field is mapped to."""
    asked = connection.report
    for option in ("team", "person", "source"):
        name = getattr(asked, option)
        if name is not None and name not in connection.fields:
            owner = OWNERS[connection.crm] if option == "person" else "<CRM field>"
            remedy = f"Add `{name}: {owner}` under `fields`, or name another field."
            yield document.mistake((*path, "report", option), f"no CRM field is mapped to `{name}`.", remedy)
    amount, kind = asked.amount, connection.of_deals.get(asked.amount or "")
    here = (*path, "report", "amount")
    if amount is not None and amount not in connection.deals:
        remedy = f"Add `{amount}: {_AMOUNTS[connection.crm]}` under `deals`, or name another one."
        yield document.mistake(here, f"no field of deals is mapped to `{amount}`.", remedy)
    elif amount is not None and kind != "number":
        yield document.mistake(here, f"a scorecard declares `{amount}` as {kind}.", "Name a number.")


_AMOUNTS: Final = {"hubspot": "amount", "salesforce": "Amount"}


def _unmapped(missing: list[str], card: str) -> tuple[str, str]:
    names = ", ".join(f"`{name}`" for name in missing)
    if missing == [FEEDBACK]:
        return f"the scorecard {card} asks for `{FEEDBACK}`, which is not read.", "Add `feedback: true` to read it."
    return (
        f"the scorecard {card} declares {names}, but no CRM field is mapped to it.",
        f"Add `{missing[0]}: <CRM field>` here.",
    )


def _in_named_scorecards(document: Document, folder: Path) -> Iterator[Mistake]:
    """Yield the mistakes of the scorecards that invalid settings name, so that all are reported together."""
    for file in sorted(set(_named_files(document.data))):
        try:
            load_scorecard(folder / file)
        except ConfigError as error:
            yield from error.mistakes


def _named_files(data: dict[str, Any]) -> Iterator[str]:
    connections = data.get("connections")
    for connection in connections.values() if isinstance(connections, dict) else ():
        if isinstance(connection, dict):
            several = connection.get("scorecards")
            uses = several if isinstance(several, list) else []
            named = [connection.get("scorecard"), *(use.get("file") for use in uses if isinstance(use, dict))]
            yield from (file for file in named if isinstance(file, str))
