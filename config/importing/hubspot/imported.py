"""A score of HubSpot as the text of a scorecard and of settings, with what did not carry over."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from config.idle import without_idle_limits
from config.importing.hubspot.reading import read_score
from config.importing.hubspot.score import Reader
from config.importing.hubspot.segments import FIELD
from config.importing.imported import Imported
from config.importing.written import written
from config.text import comment, flow
from connectors.hubspot.settings import ActivitySettings

_SOURCES: Final[Mapping[str, str]] = {
    "fields": "the property of each field",
    "accounts": "the property of each field of a company",
    "deals": "the property of each field of a deal",
}


def from_hubspot(path: Path, names: Mapping[str, str]) -> Imported:
    """Return what a score becomes. `names` has the names of segments, forms and events by their ids.

    Raise ConfigError if the file is not of the published shape.
    """
    return imported(Reader(read_score(path), names))


def imported(reader: Reader) -> Imported:
    """Return what a score becomes, of which the reader then knows the fields."""
    card = reader.card()
    return Imported(card.name, without_idle_limits(written(card)), _settings(reader), tuple(reader.findings.found))


def _settings(reader: Reader) -> str:
    return "\n".join(_lines(reader)) + "\n"


def _lines(reader: Reader) -> Iterator[str]:
    yield from comment("Settings for the scorecard beside this file, by `leadgauge import hubspot-score`.")
    yield from comment("Next: set HUBSPOT_TOKEN and run `leadgauge check --read-only`.")
    yield ""
    yield "connections:"
    yield "  main:"
    yield "    crm: hubspot"
    yield "    token: {env: HUBSPOT_TOKEN}"
    yield "    scorecard: SCORECARD"
    for option, sources in reader.about.sources.items():
        if sources:
            yield f"    {option + ':':<24}# {_SOURCES[option]}"
            yield from (f"      {flow(name)}: {flow(source)}" for name, source in sources.items())
    if used := reader.about.segments.used:
        yield "    member_of:              # the segments by their ids"
        yield f"      {FIELD}: {flow({entry: id_ for id_, entry in used.items()})}"
    if activities := _activities(reader):
        yield f"    activities: {flow(activities)}"


def _activities(reader: Reader) -> Mapping[str, object]:
    """Return what has to be read besides what is read anyway; an option replaces its default."""
    usual, events = ActivitySettings(), reader.about.events
    found: dict[str, object] = {"events": {**usual.events, **events.asked}} if events.asked else {}
    if "webinar_cancel" in events.kinds:
        found["webinars"] = {**usual.webinars, "CANCELLED": "webinar_cancel"}
    return found
