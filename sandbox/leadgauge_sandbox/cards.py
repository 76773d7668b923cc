"""The components that show leadgauge's results on a record, and what they are told of the account's fields."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from importlib.resources.abc import Traversable

Crm = Literal["hubspot", "salesforce"]
Of = Literal["leads", "accounts"]
OFS: Final[tuple[Of, ...]] = ("leads", "accounts")
Known = dict[str, Any]
"""A scorecard as the components take it."""

MEDIA: Final = {"js": "text/javascript;charset=UTF-8", "txt": "text/plain;charset=UTF-8"}
SCALED: Final = ("score", "fit", "engagement")
"""The outputs whose scale a scorecard chooses."""
CHOSEN: Final = ("priority", "readiness")
"""The outputs whose choices a scorecard chooses; by them, another scorecard than the shipped one is known."""
FEEDBACK: Final = "feedback"
"""What sales says, which is in one field for all scorecards and so has no prefix."""


@dataclass(frozen=True, slots=True)
class Own:
    """A field that was added to the account."""

    name: str
    label: str
    choices: tuple[str, ...] = ()
    """In the order in which they are offered."""
    sentences: Mapping[str, str] = field(default_factory=dict)
    """What choices mean."""


def component(path: str) -> tuple[bytes, str] | None:
    """Return a file of the components with its media type; None if there is none of that name."""
    found = _served().get(path)
    return None if found is None else (found.read_bytes(), MEDIA[path.rpartition(".")[2]])


@cache
def _served() -> dict[str, Traversable]:
    """Return what a page may load, by path."""
    folders = (files("leadgauge_sandbox") / "components").iterdir()
    found = ((folder.name, file) for folder in folders if folder.is_dir() for file in folder.iterdir())
    return {f"{folder}/{file.name}": file for folder, file in found if file.name.rpartition(".")[2] in MEDIA}


@cache
def _shipped(crm: Crm) -> Known:
    """Return the scorecard of the shipped settings, under its usual names."""
    text = (files("leadgauge_sandbox") / "components" / crm / "scorecards.json").read_text(encoding="utf-8")
    found: Known = json.loads(text)[0]
    return found


def scorecards(crm: Crm, own: Mapping[Of, Sequence[Own]]) -> list[Known]:
    """Return a scorecard for each prefix of the account's fields; the shipped one where it has no field of ours."""
    shipped = _shipped(crm)
    prefixes = {prefix for of in OFS for each in own[of] if (prefix := _prefix(shipped[of], each.name)) is not None}
    return [_scorecard(shipped, own, prefix) for prefix in sorted(prefixes) or [""]]


def held(scorecard: Known, of: Of, names: Iterable[str]) -> dict[str, str]:
    """Return the fields of a scorecard that the account has, by output, such as `priority`."""
    there = set(names)
    return {key: told["field"] for key, told in (scorecard[of] or {}).items() if told["field"] in there}


def _prefix(outputs: Known, name: str) -> str | None:
    """Return what a field has before its usual name; None for a field that is not ours."""
    ends = (told["field"] for key, told in outputs.items() if key != FEEDBACK)
    return next((name[: -len(end)] for end in ends if name.lower().endswith(end.lower())), None)


def _scorecard(shipped: Known, own: Mapping[Of, Sequence[Own]], prefix: str) -> Known:
    leads, accounts = (_outputs(shipped[of], prefix, {each.name.lower(): each for each in own[of]}) for of in OFS)
    names = {each.name for each in own["accounts"]}
    return {
        **shipped,
        "prefix": prefix,
        "title": prefix.strip("_").replace("_", " "),
        "leads": leads,
        "accounts": accounts if any(told["field"] in names for told in accounts.values()) else None,
    }


def _outputs(shipped: Known, prefix: str, own: Mapping[str, Own]) -> Known:
    told = {
        key: _told(output, own, output["field"] if key == FEEDBACK else prefix + output["field"])
        for key, output in shipped.items()
    }
    if all(told[key]["choices"] == shipped[key]["choices"] for key in CHOSEN):
        return told
    return {key: {**each, "minimum": None, "maximum": None} if key in SCALED else each for key, each in told.items()}


def _told(output: Known, own: Mapping[str, Own], name: str) -> Known:
    """Return an output as the account has it: its name, its label, its choices."""
    there = own.get(name.lower())
    if there is None:
        return {**output, "field": name}
    told = {**output, "field": there.name, "label": there.label}
    if not there.choices:
        return told
    usual = dict(zip(output.get("choices", ()), output.get("sentences", ()), strict=True))
    sentences = [there.sentences.get(choice) or usual.get(choice, "") for choice in there.choices]
    return {**told, "choices": list(there.choices), "sentences": sentences}
