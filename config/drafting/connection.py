"""The text of drafted settings."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from config.drafting.evidence import filled
from config.text import beside, block, comment, flow, scalar
from vocabulary.survey import Survey, SurveyedField, SurveyedSource

_SOURCES: Final = 60
_TAIL: Final = """\
    write:
      dead_band: 3                      # write a score again when it has moved by this many points
      guard: 25%                        # a pass that would change more leads than this waits for --accept

    schedule:
      sync: 5m
      refresh: "02:30"
      reconcile: sun 03:00
      timezone: UTC"""


@dataclass(frozen=True, slots=True)
class Access:
    """How the CRM was reached: the settings of the connection without fields and scorecard."""

    settings: Mapping[str, object]
    """Such as `{"crm": "hubspot", "token": {"env": "HUBSPOT_TOKEN"}}`."""
    notes: Mapping[str, str] = field(default_factory=dict)
    """A comment beside a setting."""


def connection(survey: Survey, access: Access, used: Collection[str], scorecard: str, heading: Sequence[str]) -> str:
    """Return the text of settings that map the fields which the scorecard uses."""
    settings = [(f"    {name}: {flow(value)}", access.notes.get(name, "")) for name, value in access.settings.items()]
    lines = [
        "# yaml-language-server: $schema=settings.schema.json",
        "#",
        *heading,
        "",
        "database: sqlite:///leadgauge.db",
        "",
        "connections:",
        "  main:",
        *beside(settings),
        f"    scorecard: {scorecard}",
        "",
        *_fields(survey, used),
        *_further(survey),
        *_sources(survey),
        *_stages(survey),
        _TAIL,
    ]
    return "\n".join(lines) + "\n"


def _fields(survey: Survey, used: Collection[str]) -> Iterator[str]:
    found = [each for each in survey.fields if each.name in used]
    if found:
        yield "    fields:"
        yield from beside(
            (f"      {scalar(each.name)}: {_mapping(each)}", f"{each.label}: {filled(each)}") for each in found
        )
        yield ""


def _mapping(found: SurveyedField) -> str:
    sources = found.sources
    return flow(sources[""] if "" in sources else dict(sources))


def _further(survey: Survey) -> Iterator[str]:
    if survey.settings:
        yield from comment("Found in the CRM; whether it is meant so is a guess.", 4)
        yield from block(survey.settings, 4)
        yield ""


def _sources(survey: Survey) -> Iterator[str]:
    """Yield the kind that each form or campaign becomes, as comments."""
    if not survey.sources:
        return
    how = {
        "hubspot": "activities: {by_form: [{match: NAME, kind: KIND}]}",
        "salesforce": "activities: {campaigns: {by_campaign: [{match: NAME, kind: KIND}]}}",
    }[survey.crm]
    yield from comment(f"What leads do, and the kind that it becomes. Where one is wrong: {how}.", 4)
    for source in survey.sources[:_SOURCES]:
        yield from comment(_becomes(source), 4)
    if len(survey.sources) > _SOURCES:
        yield from comment(f"and {len(survey.sources) - _SOURCES} more", 4)
    yield ""


def _becomes(source: SurveyedSource) -> str:
    more = " or more" if source.at_least else ""
    used = "" if source.used is None else f", {source.used:,} {source.unit}{more}"
    becomes = f"becomes {source.kind}" if source.kind else "is not read"
    return f"{source.what} '{source.name}' {becomes}{used}"


def _stages(survey: Survey) -> Iterator[str]:
    if survey.stages:
        shown = ", ".join(f"{one.label or one.value} {one.leads:,}" for one in survey.stages)
        yield from comment(
            f"Stages of the leads looked at: {shown}. To leave some out, see `exclude` in docs/settings.md.", 4
        )
        yield ""
