"""What a CRM shows of each scorecard: its fields, with labels, choices, sentences and scales.

Everything comes from the table of outputs, the scorecard and the settings; both projects are rendered from it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

import config
from config import load_scorecard
from config.settings import AnyConnection, ScorecardUse
from pipeline.connect import labelled, written
from pipeline.job import likelihood_of
from scoring import Scorecard, outputs
from vocabulary.feedback import FIELD
from vocabulary.outputs import LIKELIHOOD, OFS, SCORE, Of, Output, in_crm

SHIPPED: Final = Path(config.__file__).parent
OF_LEADS, OF_ACCOUNTS = "b2b-saas.yaml", "account-based.yaml"
"""The scorecards whose leads and whose accounts the project without settings shows."""
_SHARE: Final = (0.0, 100.0)
_INDEX: Final = "lead_priority_index"

Limits = tuple[float | None, float | None]
"""The least and the greatest value of a number, None where the scorecard sets no bound."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An output as the CRM shows it."""

    output: Output
    """Under the name of its field, with the choices of the scorecard."""
    expected: bool
    """Whether a missing field is worth a warning."""
    limits: Limits | None = None
    field: str = ""
    """The name of a field of the company's own in the CRM; empty for a field that leadgauge makes."""


@dataclass(frozen=True, slots=True)
class Board:
    """A scorecard as the CRM shows it."""

    prefix: str
    title: str
    """Its name, where several may be side by side."""
    horizon: float | None
    """The days that the likelihood looks ahead."""
    zone: str
    """The time zone in which its days begin."""
    leads: Mapping[str, Shown]
    """By the neutral name without `lead_`, such as `priority_index`."""
    accounts: Mapping[str, Shown] | None
    feedback: Shown | None = None
    """What sales says of a lead, which the component shows beside the reasons."""

    def of(self, of: Of) -> Mapping[str, Shown]:
        """Return what is shown of leads, or of accounts; empty if the scorecard scores none."""
        return self.leads if of == "leads" else self.accounts or {}

    def fields(self, of: Of) -> list[Output]:
        """Return the outputs, each under the name of its field."""
        return [shown.output for shown in self.of(of).values()]


def filled_by_sales(boards: Sequence[Board]) -> list[Output]:
    """Return the field that sales fills, once for all boards, if leadgauge makes it."""
    made = any(board.feedback is not None and not board.feedback.field for board in boards)
    return [FIELD] if made else []


def boards_of(connection: AnyConnection) -> list[Board]:
    """Return a board for each scorecard of a connection, first the one without a prefix."""
    return sorted((_board_of(connection, use) for use in connection.scorecards), key=lambda board: board.prefix != "")


def default_boards(prefix: str = "") -> list[Board]:
    """Return a board for every output, with the choices and scales of the shipped scorecards."""
    leads, company = _shipped()
    return [
        Board(
            prefix=prefix,
            title=_titled(prefix),
            horizon=None,
            zone=leads.zone.key,
            leads=_all(leads, "leads", prefix),
            accounts=_all(company, "accounts", prefix),
            feedback=Shown(FIELD, expected=False),
        )
    ]


def _titled(prefix: str) -> str:
    """Return a name for the scorecard of a prefix: `acme_` is `acme`."""
    return prefix.strip("_").replace("_", " ")


def _all(card: Scorecard, of: Of, prefix: str) -> Mapping[str, Shown]:
    """Return all outputs that the shipped scorecards fill; one of accounts needs settings that name its likelihood."""
    title = _titled(prefix)
    filled = [one for one in outputs(card) if of == "leads" or one.name != LIKELIHOOD]
    named = {one: in_crm(one, of, prefix) for one in filled}
    return {
        _key(one): Shown(
            replace(field, label=f"{title}: {field.label}" if title else field.label),
            one.default,
            _limits(card, one),
        )
        for one, field in named.items()
    }


@cache
def _shipped() -> tuple[Scorecard, Scorecard]:
    company = load_scorecard(SHIPPED / OF_ACCOUNTS).company
    assert company is not None, f"{OF_ACCOUNTS} scores accounts"
    return load_scorecard(SHIPPED / OF_LEADS), company


def _board_of(connection: AnyConnection, use: ScorecardUse) -> Board:
    boards = {of: _used(connection, use, of, card) for of in OFS if (card := use.card_of(of)) is not None}
    return Board(
        prefix=use.prefix,
        title=use.card.scorecard if use.prefix else "",
        horizon=_horizon(use),
        zone=use.card.zone.key,
        leads=boards["leads"],
        accounts=boards.get("accounts"),
        feedback=_feedback(connection),
    )


def _feedback(connection: AnyConnection) -> Shown | None:
    """Return the field that sales fills; none where leads and contacts have different ones."""
    if connection.feedback is None or not isinstance(connection.feedback.field, str):
        return None
    own = "" if connection.feedback.is_made else connection.feedback.field
    return Shown(replace(FIELD, choices=(), sentences=()) if own else FIELD, expected=False, field=own)


def _horizon(use: ScorecardUse) -> float | None:
    """Return the days that the likelihoods look ahead; None if that is not known, or not the same of all."""
    fitted = (likelihood_of(use, of) for of in OFS)
    horizons = {one.horizon for one in fitted if one is not None}
    return horizons.pop() if len(horizons) == 1 else None


def _used(connection: AnyConnection, use: ScorecardUse, of: Of, card: Scorecard) -> Mapping[str, Shown]:
    """Return the outputs that are written.

    Others are left out, even if the CRM has a field of an earlier time, because its values are of that time too.
    """
    return {
        _key(one): Shown(labelled(use, in_crm(one, of, use.prefix)), expected=True, limits=_limits(card, one))
        for one in written(connection, use, of)
    }


def _key(output: Output) -> str:
    """Return the name of an output without `lead_`, as the component knows it."""
    return output.name.removeprefix("lead_")


def _limits(card: Scorecard, output: Output) -> Limits | None:
    """Return the bounds of a number; None for what is no number."""
    if output.name in (LIKELIHOOD, _INDEX):
        return _SHARE
    if output.type != "number":
        return None
    bounds: dict[str, Limits] = {f"lead_{name}": (one.minimum, one.maximum) for name, one in card.sections.items()}
    if card.score is not None:
        bounds[SCORE] = (card.score.minimum, card.score.maximum)
    return bounds.get(output.name, (None, None))
