"""Resolves the names in the options. A name that does not exist is an error."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from calibrate.errors import CalibrationError
from calibrate.options import Options
from connectors.files.headings import plain_name
from vocabulary.closest import meant

MOST_NAMED: Final = 30


@dataclass(frozen=True)
class There:
    """The names that options can refer to."""

    fields: Collection[str]
    labels: Mapping[str, str]
    """Field names in the file, if they differ."""
    kinds: Collection[str] = ()
    rules: Collection[str] = ()
    columns: Collection[str] = ()
    """The columns to group leads by."""


def settled(options: Options, there: There) -> Options:
    """Return the options with the scorecard's field names."""
    fields = _spellings(there.fields) | {
        spelled: field
        for field, label in there.labels.items()
        if field in there.fields
        for spelled in (plain_name(label), label)
    }
    subjects = {kind.strip().lower(): kind.strip().lower() for kind in there.kinds} | fields
    return replace(
        options,
        include=_each("--include", options.include, fields),
        exclude=_each("--exclude", options.exclude, fields),
        at_creation=_each("--at-creation", options.at_creation, fields),
        signs={_found("--sign", name, subjects): sign for name, sign in options.signs.items()},
        locked=_each("--lock", options.locked, {name: name for name in there.rules}),
        segment=options.segment and _found("--segment", options.segment, fields),
        group=options.group and _found("--group", options.group, _spellings(there.columns)),
    )


def _spellings(names: Iterable[str]) -> dict[str, str]:
    return {spelled: name for name in names for spelled in (plain_name(name), name)}


def _each(option: str, wanted: Iterable[str], known: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(_found(option, name, known) for name in wanted)


def _found(option: str, name: str, known: Mapping[str, str]) -> str:
    for spelled in (name, plain_name(name)):
        if spelled in known:
            return known[spelled]
    there = sorted(set(known.values()))
    listed = ", ".join(there[:MOST_NAMED]) + (", …" if len(there) > MOST_NAMED else "")
    near = meant(name, known)
    raise CalibrationError(f"{option} {name}: this name does not exist. {near}Known names: {listed or 'none'}.")
