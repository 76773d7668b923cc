"""What `leadgauge score` refuses: options that contradict each other or the scorecard."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import click

from commands.common import told
from commands.score_inputs import Lacking
from config.likelihoods import LikelihoodError, load_likelihood
from connectors.files import STREAM, Columns, ending
from scoring import Likelihood, Scorecard
from scoring.asking import activity_conditions
from scoring.card import ActivityCondition, BaseRule
from scoring.card.values import normal
from scoring.card.walking import fields_of

FAR: Final = timedelta(days=90)
"""How far from the day as of which ages were learned they may be measured without a word."""


def refuse_without_activities(card: Scorecard, activities: str | None, given: Columns) -> None:
    """Raise UsageError if the scorecard asks for activities and there is neither a file nor a column of them."""
    if activities is None and not {**card.activity_columns, **given.activities} and asks(card):
        raise click.UsageError(
            f"{card.name} has rules on activities. Give the file with --activities, or name columns of --leads with"
            " --activity KIND=COLUMN."
        )


def refuse_accounts(card: Scorecard, ins: Sequence[str | None], outs: Sequence[str | Path | None]) -> None:
    """Raise UsageError for files of accounts that the scorecard has no use for."""
    if card.accounts is None and any(path is not None for path in (*ins, *outs)):
        raise click.UsageError(
            f"{card.name} has no section `accounts`. Add it to the scorecard, or leave out the options of accounts."
        )
    if card.accounts is not None and not card.accounts.scored and any(path is not None for path in outs):
        raise click.UsageError(
            f"{card.name} scores no accounts. Add `score` to its section `accounts`, or leave out their results."
        )


def refuse_shared_streams(*ins: str | None, outs: Sequence[str | None]) -> None:
    """Raise UsageError if a standard stream is used for two files."""
    for paths, stream in ((ins, "input"), (outs, "output")):
        if list(paths).count(STREAM) > 1:
            raise click.UsageError(f"Standard {stream} (-) can be used for one file only.")


def refuse_excel_without_csv(*outs: str | None, for_excel: bool) -> None:
    """Raise UsageError if nothing that is written is a CSV file."""
    if for_excel and all(path is None or ending(path) != "csv" for path in outs):
        raise click.UsageError("--for-excel needs a CSV output. Leave it out, or write to FILE.csv.")


def refuse_overwriting(*ins: str | None, outs: Sequence[str | None]) -> None:
    """Raise UsageError if an output is also an input, or is named twice."""
    given = [Path(path).resolve() for path in (*ins, *outs) if path not in {None, STREAM}]
    for out in outs:
        if out not in {None, STREAM} and given.count(Path(out).resolve()) > 1:
            raise click.UsageError(f"{out} is named twice. Write to a different file.")


def fitted(path: Path | None, card: Scorecard | None) -> Likelihood | None:
    """Return the likelihood of leads, or of accounts if it is their card."""
    if path is None or card is None:
        return None
    fitted, wanted = load_likelihood(path), card.whose
    again = "calibrate" if wanted == "leads" else "calibrate --of accounts"
    if fitted.of != wanted:
        raise LikelihoodError(f"{path}: is a likelihood of {fitted.of}, not of {wanted}. Use that of `{again}`.")
    if not fitted.fits(card):
        raise LikelihoodError(
            f"{path}: was fitted on different points than '{card.name}' has now. Run `{again}` again."
        )
    return fitted


def warn_of_ages(path: Path | None, likelihood: Likelihood | None, day: date) -> None:
    """Say so if dates are measured as of a day that is far from the one that the likelihood was learned as of."""
    learned = None if likelihood is None else likelihood.ages_as_of
    if learned is not None and abs(day - learned) > FAR:
        grown = f"{abs(day - learned).days:,} days {'older' if day > learned else 'younger'}"
        told(
            f"{path}: ages were learned as of {learned}; use --as-of {learned}. As of {day} every date is {grown}, and"
            " the percentages are wrong by that."
        )


def warn_of_lacking(
    path: str, card: Scorecard, likelihood: Likelihood | None, lacking: Lacking, *, listed: bool
) -> None:
    """Say which rules the percentages stand on that a table of leads has no column for.

    `listed`: whether activities come from a file too, which may hold those that the table has no column of.
    """
    kinds = frozenset[str]() if listed else lacking.kinds
    rules = [rule for section in card.sections.values() for rule in section.rules]
    blind = [one for one in rules if fields_of(one) & lacking.fields or _only_of(one, kinds)]
    if likelihood is not None and blind:
        names = ", ".join(f"'{rule.name}' ({_points(rule)})" for rule in blind)
        told(
            f"{path}: the percentages are wrong, because they were learned with columns that this file lacks. Rules"
            f" that see nothing, with their points: {names}. Add the columns, or calibrate without them."
        )


def _only_of(rule: BaseRule, kinds: Collection[str]) -> bool:
    """Return whether a rule counts activities of some of these kinds and of no other."""
    asked = [_kinds(one) for one in rule.activity_conditions.values()]
    gone = {normal(kind) for kind in kinds}
    return bool(asked) and all(one and one <= gone for one in asked)


def _kinds(condition: ActivityCondition) -> set[str]:
    """Return the kinds that a condition lists; none if it does not list them."""
    operators = {} if condition.kind is None else condition.kind.operators
    written = operators.get("is", operators.get("in", ()))
    return {normal(one) for one in ([written] if isinstance(written, str) else written)}


def _points(rule: BaseRule) -> str:
    low, high = (f"{points:+g}" for points in (rule.reach.low, rule.reach.high))
    return high if rule.reach.low == 0 else low if rule.reach.high == 0 else f"{low} to {high}"


def asks(card: Scorecard) -> bool:
    """Return whether the scorecard asks for activities."""
    return any(True for _ in activity_conditions(card))
