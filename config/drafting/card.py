"""The text of a drafted scorecard."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from config.drafting.activities import Engagement
from config.drafting.evidence import filled, is_late
from config.drafting.rules import Criterion, Part, criteria, custom, parts
from config.text import comment, flow, listed, scalar
from vocabulary.survey import Survey, SurveyedField

_MOST_FIT: Final = 40
_OTHERS: Final = 20
_BANDS: Final = "{A+: 95, A: 85, A-: 80, B+: 75, B: 65, B-: 60, C+: 55, C: 45, C-: 40, D+: 35, D: 25, D-: 20, F: 0}"
_MATRIX: Final = """\
  matrix:
    Ready:        {A: P1, B: P1, C: P2, D: P3, F: P4, '?': P2}
    Being worked: {A: P2, B: P2, C: P3, D: P4, F: P4, '?': P3}
    Evaluating:   {A: P1, B: P2, C: P3, D: P4, F: P4, '?': P3}
    Considering:  {A: P2, B: P3, C: P3, D: P4, F: P4, '?': P3}
    Aware:        {A: P3, B: P3, C: P4, D: P4, F: P4, '?': P4}
    Unaware:      {A: P3, B: P4, C: P4, D: P4, F: P4, '?': P4}
  balance: {fit: 40, engagement: 30, readiness: 30}"""
_TOUCHES: Final = ("call", "meeting", "sales_email", "call_attempt", "no_show")
"""The kinds by which sales is in touch, or has tried."""


def card(survey: Survey, engagement: Engagement, heading: Sequence[str]) -> str:
    """Return the text of a scorecard."""
    made = parts(survey)
    graded = criteria(survey)
    rules = [part for part in made if part.best is not None]
    used = {part.field.name: part.field for part in rules} | {one.field.name: one.field for one in graded}
    lines = [
        "# yaml-language-server: $schema=scorecard.schema.json",
        "#",
        *heading,
        "",
        "scorecard: drafted",
        "",
        *_fields(used),
        *_score(survey, made, rules, engagement),
        *_grade(graded),
        *_readiness(engagement),
        *_priority(engagement, has_grade=bool(graded)),
        *_examples(graded, engagement),
    ]
    return "\n".join(lines) + "\n"


def _fields(used: Mapping[str, SurveyedField]) -> Iterator[str]:
    if used:
        yield "fields:                     # the settings map them to fields of the CRM"
        yield from (f"  {scalar(name)}: {found.type}" for name, found in used.items())
        yield ""


def _score(survey: Survey, made: Sequence[Part], rules: Sequence[Part], engagement: Engagement) -> Iterator[str]:
    yield "score:"
    yield "  minimum: 0"
    yield "  maximum: 100"
    if rules:
        yield "  fit:                      # who the lead is"
        yield f"    maximum: {_MOST_FIT}"
        yield "    groups:"
        yield "      - name: Who they are"
        yield "        rules:"
    for part in made:
        yield from part.lines
    yield from _titles(survey)
    yield from _others(survey)
    yield "  engagement:               # what the lead does; the points are those of a shipped scorecard, not learned"
    yield "    maximum: 60"
    yield "    groups:"
    yield from engagement.lines()
    yield ""


def _titles(survey: Survey) -> Iterator[str]:
    """Yield the most frequent job titles, and those whose level is unknown."""
    titles = next((each for each in survey.fields if each.role == "job_title"), None)
    if titles and titles.values:
        shown = listed([f"{one.value} ({one.leads:,})" for one in titles.values])
        yield from comment(f"The most frequent job titles: {shown}.", 10)
    levels = next((each for each in survey.fields if each.role == "seniority"), None)
    if levels and levels.unread:
        shown = listed([f"{one.value} ({one.leads:,})" for one in levels.unread])
        how = "Name their level in the settings: words: {seniority: {head: [TITLE]}}."
        yield from comment(f"Job titles whose level is unknown: {shown}. {how}", 10)


def _others(survey: Survey) -> Iterator[str]:
    """Yield your own fields that no rule uses, with their most frequent values."""
    taken = {each.name for each in custom(survey)}
    left = [each for each in survey.fields if each.role is None and each.name not in taken and each.leads.filled]
    if not left:
        return
    yield from comment("Your other fields, which no rule uses:", 10)
    for found in sorted(left, key=lambda one: -one.leads.share)[:_OTHERS]:
        values = listed([f"{one.label or one.value} {one.leads:,}" for one in found.values[:5]])
        seen = f": {values}" if found.values else ""
        mapping = " or ".join(found.sources.values())
        late = "; won leads have it more often, perhaps since they were won" if is_late(found) else ""
        yield from comment(f"{found.label} ({mapping}, {found.type}), {filled(found)}{late}{seen}", 10)
    if len(left) > _OTHERS:
        yield from comment(f"and {len(left) - _OTHERS} more", 10)


def _grade(graded: Sequence[Criterion]) -> Iterator[str]:
    if not graded:
        return
    yield "grade:                      # how well the lead matches the ideal customer: values that won leads have more"
    yield "                            # often, or else the most frequent ones, which is a guess to start from"
    yield "  minimum_known: 50%"
    yield "  missing: ignore"
    yield "  profiles:"
    yield "    - name: Like our customers"
    yield "      criteria:"
    yield from (one.line for one in graded)
    yield f"  bands: {_BANDS}"
    yield ""


def _readiness(engagement: Engagement) -> Iterator[str]:
    yield "readiness:                  # where the lead is in its buying cycle"
    yield "  stages:"
    yield "    - {name: Unaware}"
    yield "    - {name: Aware, when: {activities: {within: 90d}}}"
    content = engagement.has("content_download", "webinar_attend", "event_attend")
    considering: list[object] = [{"engagement": {"at_least": 25}}]
    if content:
        considering.insert(0, {"activities": {"kind": content, "within": "30d", "at_least": 2}})
    yield f"    - {{name: Considering, when: {flow({'any': considering})}}}"
    evaluating = flow({"any": _evaluating(engagement)})
    yield f"    - {{name: Evaluating, when: {evaluating}, keep: {{activities: {{within: 30d}}}}}}"
    yield from _sales_stages(engagement)
    yield "  urgency:"
    yield from _urgency(engagement)
    yield ""


def _sales_stages(engagement: Engagement) -> Iterator[str]:
    """Yield the stage of leads that asked and wait, and the one of those that sales is at work on.

    Of equal leads, those that wait come first: their stage is worth more in the index.
    """
    asked, touches = engagement.has("demo_request", "pricing_request"), engagement.has(*_TOUCHES)
    waits = {"unanswered": {"kind": asked, "by": touches, "within": "30d"}}
    touched = {"activities": {"kind": touches, "within": "30d"}}
    if asked and touches:
        yield f"    - {{name: Ready, when: {flow(waits)}, index: 75}}"
        yield f"    - {{name: Being worked, when: {flow({**touched, 'not': waits})}, index: 55}}"
        return
    ready: object = {"activities": {"kind": asked, "within": "30d"}} if asked else {"engagement": {"at_least": 50}}
    yield f"    - {{name: Ready, when: {flow(ready)}}}"
    if touches:
        yield f"    - {{name: Being worked, when: {flow(touched)}}}"


def _evaluating(engagement: Engagement) -> list[object]:
    found: list[object] = [{"engagement": {"at_least": 40}}]
    if talks := engagement.has("trial_start", "meeting"):
        found.insert(0, {"activities": {"kind": talks, "within": "30d"}})
    if pricing := engagement.paths("Pricing page"):
        test = {"contains": pricing[0]} if len(pricing) == 1 else {"contains_any": pricing}
        found.insert(0, {"activities": {"kind": "page_view", "url": test, "within": "14d", "at_least": 2}})
    return found


def _urgency(engagement: Engagement) -> Iterator[str]:
    asked = engagement.has("demo_request", "pricing_request", "contact_request")
    answers = engagement.has("call", "meeting", "sales_email")
    if asked and answers:
        unanswered = {"unanswered": {"kind": asked, "by": answers, "within": "7d"}}
        yield f"    - {{is: now, when: {flow(unanswered)}}}"
    yield "    - {is: soon, when: {surge: {at_least: 2, points: 10}}}"
    yield "    - {is: later, when: {activities: {within: 90d}}}"


def _priority(engagement: Engagement, *, has_grade: bool) -> Iterator[str]:
    if has_grade:
        yield "priority:                   # which leads sales should handle first"
        yield "  first:"
        yield "    - {is: P1, when: {urgency: now, grade: {at_least: C}}}"
        worked = bool(engagement.has(*_TOUCHES))
        yield from (line for line in _MATRIX.splitlines() if worked or "Being worked" not in line)
        yield ""


def _examples(graded: Sequence[Criterion], engagement: Engagement) -> Iterator[str]:
    """Yield tests of the card, which `leadgauge check` runs."""
    yield "examples:                   # tests of the card; `leadgauge check` runs them"
    unknown = 'grade: "?", ' if graded else ""
    yield f"  - {{name: Nothing known yet, lead: {{}}, expect: {{{unknown}stage: Unaware, urgency: none}}}}"
    if engagement.has("demo_request"):
        yield "  - name: Asked for a demo yesterday"
        yield "    activities: [{kind: demo_request, age: 1d}]"
        yield "    expect: {stage: Ready, engagement: {at_least: 30}}"
