"""A scorecard prepared for scoring: what every chunk asks, made once."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from scoring.asking import activity_conditions, activity_fields, placed_questions
from scoring.card import Scorecard
from scoring.card.scorecard import AccountCard
from scoring.conditions import Terms, feature, split
from scoring.figures import Figures
from scoring.likelihood import LOW, WHY_LIKELY, Likelihood
from scoring.points import SectionRules
from scoring.resets import CARD, Place, Places, place_of
from scoring.trend import TREND
from vocabulary.outputs import COMPUTED

if TYPE_CHECKING:
    from vocabulary.fields import FieldType


class Prepared:
    """A scorecard, of leads or of accounts, prepared for any chunk."""

    def __init__(
        self,
        card: Scorecard,
        likelihood: Likelihood | None = None,
        wanted: Collection[str] = COMPUTED,
        *,
        texts: bool = True,
        silence: bool = True,
    ) -> None:
        """Prepare; of the results that cost much, only those in `wanted` are computed.

        Without `texts`, reasons and *why now* are not written, which takes most of the time. Without `silence`, no
        reason is that nothing happened: columns of a table do not tell what happened since the times that they hold.
        """
        self.card, self.likelihood, self.texts = card, likelihood, texts
        leads = card.leads if isinstance(card, AccountCard) else card
        self.says_silence = silence and not leads.activity_columns
        self.skipped = frozenset({TREND}.difference(wanted))
        self.shows_interval, self.says_chance = LOW in wanted, texts and WHY_LIKELY in wanted
        self.looks_ahead = not {"lead_expires_at", "lead_next_step"}.isdisjoint(wanted)
        self.places, self.figures = Places(card), Figures(card)
        self._terms = {place: Terms(card.scope, str(place) if place else "") for place in self.places.with_history}
        self.terms = self._terms[CARD]
        self.rules_of = {part: SectionRules(part, section, self.terms_at) for part, section in card.sections.items()}
        placed = [(path, place_of(path), one) for path, one in placed_questions(card)]
        named = [(feature(one, self.terms_at(place).place), path, place, one) for path, place, one in placed]
        self.questions = {name: (place, one) for name, _, place, one in named}
        self.types = dict(card.fields)
        """The fields of leads and of their accounts, with their types."""
        self.borrowed: dict[str, FieldType] = {}
        """The figures of their accounts that leads use, with their types."""
        self.of_points = frozenset(name for name, path, _, _ in named if path[0] == "score")
        self.splits = {one.content: split(one, card.scope) for one in activity_conditions(card)}
        asked = activity_fields(card)
        self.numbers = tuple(name for name in ("seconds", "value") if name in asked)

    def terms_at(self, place: Place) -> Terms:
        """Return the terms of a place's conditions."""
        return self._terms[self.places.innermost(place)]
