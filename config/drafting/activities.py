"""The part of a drafted scorecard about what leads do: this company's forms, campaigns and pages."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from config.text import comment, flow, listed
from vocabulary.survey import Survey, SurveyedPage, SurveyedSource

_NAMED: Final = 6
_PAGES_NAMED: Final = 20


@dataclass(frozen=True, slots=True)
class _Rule:
    """A rule on kinds of activity, with how it counts."""

    name: str
    kinds: tuple[str, ...]
    how: str


@dataclass(frozen=True, slots=True)
class _Group:
    """A group of rules, with its limits."""

    name: str
    limits: tuple[str, ...]
    rules: tuple[_Rule, ...]


_GROUPS: Final = (
    _Group(
        "Buying intent",
        (),
        (
            _Rule("Demo request", ("demo_request",), "points: 40, half_life: 30d, award: once"),
            _Rule("Pricing request", ("pricing_request",), "points: 40, half_life: 30d, award: once"),
            _Rule("Trial", ("trial_start",), "points: 35, half_life: 30d, award: once"),
            _Rule("Contact request", ("contact_request",), "points: 20, half_life: 30d, award: once"),
        ),
    ),
    _Group(
        "Conversation",
        ("maximum: 35",),
        (
            _Rule("Meeting", ("meeting",), "points: 15, half_life: 30d, limit: 1 per week"),
            _Rule("Call", ("call",), "points: 5, half_life: 21d, limit: 1 per day"),
            _Rule("Answered our e-mail", ("email_reply",), "points: 10, half_life: 21d, limit: 2 per week"),
            _Rule("Chat", ("chat",), "points: 5, half_life: 14d, limit: 1 per day"),
        ),
    ),
    _Group(
        "Content",
        ("maximum: 25",),
        (
            _Rule("Whitepaper or case study", ("content_download",), "points: 8, lifespan: 90d"),
            _Rule("Webinar attended", ("webinar_attend",), "points: 10, half_life: 30d"),
            _Rule("Webinar registered", ("webinar_register",), "points: 3, lifespan: 30d"),
            _Rule("Event attended", ("event_attend",), "points: 10, half_life: 45d"),
            _Rule("Answered a campaign", ("campaign_response",), "points: 5, half_life: 30d, limit: 1 per day"),
            _Rule("Form", ("form_submit", "newsletter_signup"), "points: 5, half_life: 30d, limit: 1 per day"),
            _Rule("Email click", ("email_click",), "points: 3, half_life: 7d, limit: 3 per week"),
            _Rule("Email open", ("email_open",), "points: 1, within: 30d, limit: 1 per week"),
        ),
    ),
    _Group(
        "Warning signs",
        ("minimum: -50",),
        (
            _Rule("Unsubscribed", ("unsubscribe",), "points: -25, award: once"),
            _Rule("Bounced", ("bounce",), "points: -15, award: once"),
            _Rule("Marked as spam", ("spam_complaint",), "points: -40, award: once"),
        ),
    ),
)

_PAGES: Final = (
    (
        "Buying intent",
        "Pricing page",
        r"pric|preis|tarif|precio|prezz|prijs|prix|/plans?\b",
        "points: 10, half_life: 14d, limit: 1 per day, maximum: 30",
    ),
    (
        "Buying intent",
        "Customer stories",
        r"customer|case|referen[cz]|success|kunden|client|stories",
        "points: 4, half_life: 14d, limit: 1 per day, maximum: 12",
    ),
    (
        "Content",
        "Product pages",
        r"product|produ[ik]t|solution|loesung|feature|platform",
        "points: 2, half_life: 14d, limit: 1 per day, maximum: 10",
    ),
    (
        "Content",
        "Reading",
        r"blog|news|resource|wissen|article|magazin|insight",
        "points: 1, within: 30d, limit: 1 per day, maximum: 5",
    ),
    (
        "Warning signs",
        "Careers page",
        r"career|jobs?\b|karriere|stellen|carriere|emplois?|empleo|lavora|vacature",
        "points: -10, half_life: 60d, limit: 1 per month",
    ),
)
"""The group, name, words in the path, and points of the pages that are told apart."""


@dataclass(frozen=True, slots=True)
class Engagement:
    """Writes the engagement section for the kinds that the connection brings."""

    survey: Survey
    kinds: Collection[str]
    views_have_urls: bool

    def lines(self) -> Iterator[str]:
        """Yield the groups, and as comments what is behind each rule."""
        for group in _GROUPS:
            rules = [*self._page_rules(group.name), *self._rules(group)]
            if rules:
                yield f"      - name: {group.name}"
                yield from (f"        {limit}" for limit in group.limits)
                yield "        rules:"
                for rule, note in rules:
                    yield from comment(note, 10) if note else ()
                    yield rule
        yield from self._others()

    def has(self, *kinds: str) -> list[str]:
        """Return which of some kinds the connection brings."""
        return [kind for kind in kinds if kind in self.kinds]

    def paths(self, name: str) -> list[str]:
        """Return the paths of this company's pages that a rule on pages is about."""
        if not self.views_have_urls:
            return []
        words = next(words for _, rule, words, _ in _PAGES if rule == name)
        return [page.path for page in self._of_first_level() if re.search(words, page.path)]

    def _rules(self, group: _Group) -> Iterator[tuple[str, str]]:
        for rule in group.rules:
            if kinds := self.has(*rule.kinds):
                kind = kinds[0] if len(kinds) == 1 else kinds
                yield self._rule(rule.name, {"kind": kind}, rule.how), self._behind(kinds)

    def _page_rules(self, group: str) -> Iterator[tuple[str, str]]:
        for of_group, name, _, how in _PAGES:
            if of_group == group and (paths := self.paths(name)):
                test = {"contains": paths[0]} if len(paths) == 1 else {"contains_any": paths}
                seen = [page for page in self._of_first_level() if page.path in paths]
                yield self._rule(name, {"kind": "page_view", "url": test}, how), listed([_seen(page) for page in seen])

    @staticmethod
    def _rule(name: str, activity: Mapping[str, object], how: str) -> str:
        return f"          - {{name: {name}, activity: {flow(activity)}, {how}}}"

    def _behind(self, kinds: Sequence[str]) -> str:
        """Return the forms and campaigns that become a kind."""
        found = [source for source in self.survey.sources if source.kind in kinds]
        more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
        return (listed([_used(source) for source in found[:_NAMED]]) + more) if found else ""

    def _others(self) -> Iterator[str]:
        """Yield the pages that no rule is about."""
        if not self.views_have_urls:
            return
        ruled = {path for _, name, *_ in _PAGES for path in self.paths(name)}
        left = [page for page in self.survey.pages if not any(page.path.startswith(path) for path in ruled)]
        if left:
            yield from comment("Pages that no rule is about:", 6)
            yield from comment(listed([_seen(page) for page in left[:_PAGES_NAMED]]), 6)

    def _of_first_level(self) -> list[SurveyedPage]:
        return [page for page in self.survey.pages if page.path.count("/") == 1]


def _seen(page: SurveyedPage) -> str:
    return f"{page.path} ({page.views:,} views by {page.leads:,} leads)"


def _used(source: SurveyedSource) -> str:
    more = " or more" if source.at_least else ""
    count = "" if source.used is None else f" ({source.used:,} {source.unit}{more})"
    return f"{source.what} '{' '.join(source.name.split())}'{count}"
