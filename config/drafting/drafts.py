"""Put a draft together: what the scorecard uses is mapped, and limits without effect are left out."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from importlib import import_module
from typing import Any, Final

from config.drafting.activities import Engagement
from config.drafting.card import card
from config.drafting.connection import Access, connection
from config.drafting.evidence import ENOUGH
from config.idle import read_text_of, without_idle_limits
from config.loading import scorecard_in
from config.text import comment
from connectors.brought import Brought
from vocabulary.survey import Survey

SETTINGS: Final = "leadgauge.yaml"
SCORECARD: Final = "scorecard.yaml"


def drafted(survey: Survey, access: Access, today: date) -> Mapping[str, str]:
    """Return the text of the settings and of the scorecard, by file name."""
    heading = list(_heading(survey, today))
    sources = _brought(survey, access)
    kinds = frozenset(kind for source in sources for kind in source.kinds)
    with_urls = any("page_view" in source.kinds and "url" in source.fields for source in sources)
    text = without_idle_limits(card(survey, Engagement(survey, kinds, with_urls), heading))
    return {
        SETTINGS: connection(survey, access, _declared(text), SCORECARD, heading),
        SCORECARD: text,
    }


def _brought(survey: Survey, access: Access) -> list[Brought]:
    """Return what the sources of the drafted connection bring."""
    model = getattr(import_module(f"connectors.{survey.crm}.settings"), _MODELS[survey.crm])
    settings: Any = model.model_validate({**access.settings, **survey.settings})
    brings: list[Brought] = import_module(f"connectors.{survey.crm}.brings").brings(settings)
    return brings


_MODELS: Final[Mapping[str, str]] = {"hubspot": "HubSpotSettings", "salesforce": "SalesforceSettings"}


def _declared(text: str) -> Collection[str]:
    return scorecard_in(read_text_of(text)).fields


def _heading(survey: Survey, today: date) -> Iterator[str]:
    """Yield what was looked at, what was guessed and what is missing."""
    yield from comment(f"A draft of {today:%d %B %Y} by `leadgauge init --from-crm`. Nothing was written to the CRM.")
    looked = f"{survey.looked:,} of {survey.total:,} leads ({survey.sampled})"
    yield from comment(f"Looked at: {survey.account}, {looked}, by {survey.calls} calls.")
    if survey.pages_from:
        yield from comment(f"Pages are from {survey.pages_from}.")
    if survey.outcome and survey.outcome.looked >= ENOUGH:
        won = survey.outcome
        yield from comment(
            f'Compared with: {won.looked:,} of {won.total:,} {won.what}. "1.5 times as often" means that won leads have'
            " a value 1.5 times as often as all leads. It shows what went together, not what was the cause; a value may"
            " also be there because the lead was won."
        )
        yield from comment(
            "Points from that are modest: 6 for twice as often, 12 at most, none for a small difference."
        )
    else:
        found = f"only {survey.outcome.looked} {survey.outcome.what}" if survey.outcome else "no won leads were found"
        yield from comment(f"Guessed: all points, because {found}. Change them to what you know.")
    for gap in survey.gaps:
        yield from comment(f"Missing: {gap.part}. {gap.why} {gap.remedy}")
    yield from comment("Next: read both files, change what you know better, and run `leadgauge check --read-only`.")
