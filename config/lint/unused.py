"""Fields and figures that are declared but not used."""

from collections.abc import Iterator

from config.lint.scene import Scene, Slip
from scoring import Scorecard
from scoring.card.declarations import ACCOUNT
from scoring.card.figures import DealFigure
from scoring.card.scorecard import AccountCard
from scoring.card.walking import named_fields


def slips(scene: Scene) -> Iterator[Slip]:
    """Yield the declared fields and the figures that nothing uses, and the fields of deals that no figure uses."""
    used = named_fields(scene.card) | _of_leads(scene.card)
    for option, what in (("fields", "field"), ("figures", "figure")):
        for name in getattr(scene.card, option):
            if name not in used:
                message = f"the {what} `{name}` is declared but not used."
                yield Slip((option, name), message, "Use it or remove it.", (name,))
    summarised = _of_deals(scene)
    for name in () if isinstance(scene.card, AccountCard) else scene.card.deals:
        if name not in summarised:
            message = f"the field `{name}` of deals is declared, but no figure uses it."
            yield Slip(("deals", name), message, "Use it or remove it.", (name,))


def _of_leads(card: Scorecard) -> frozenset[str]:
    """Return the fields and figures of accounts that the leads' card uses, or by which it finds a lead's account."""
    if not isinstance(card, AccountCard):
        return frozenset()
    by_domain = card.leads.accounts.by_domain if card.leads.accounts else None
    read = {name.removeprefix(ACCOUNT) for name in named_fields(card.leads) if name.startswith(ACCOUNT)}
    return frozenset({*read, *([by_domain.account] if by_domain else [])})


def _of_deals(scene: Scene) -> frozenset[str]:
    """Return the fields of deals that figures of leads or accounts use."""
    of_accounts = scene.card.accounts.figures if scene.card.accounts is not None else {}
    both = (*scene.card.figures.values(), *of_accounts.values())
    figures = [figure for figure in both if isinstance(figure, DealFigure)]
    asked = (figure.where.fields for figure in figures if figure.where)
    return frozenset(figure.field for figure in figures if figure.field).union(*asked)
