"""What `leadgauge calibrate` prints."""

from math import isnan
from typing import TYPE_CHECKING

from rich.table import Table

from commands.common import PlainConsole, console
from vocabulary.units import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from calibrate import Calibration
    from calibrate.bakeoff.against import Against
    from calibrate.notes import Note
    from calibrate.result import Performance, RuleFound


def show(result: "Calibration") -> None:
    """Print the result as tables."""
    out = console()
    out.print(result.message, style="bold")
    if result.rules:
        out.print(f"{result.doubling} points double the odds.")
        out.print(_rules(result))
    if result.gone:
        out.print(_gone(result))
    if result.performance:
        _show_performance(result, out)
    for sentence in _calls(result):
        out.print(sentence)
    if result.against:
        _against(out, result.against)
    for note in result.notes:
        out.print(f"{note.level}: {note.message}{_alone(note)}", style="yellow" if note.level == "warning" else None)
    if result.drift.message:
        out.print(result.drift.message)
    if result.gate and not result.nothing_found:
        told = "Can be applied." if result.gate.open else "Cannot be applied:"
        out.print(" ".join([told, *result.gate.reasons]), style="green" if result.gate.open else "red")


def _calls(result: "Calibration") -> "Sequence[str]":
    """Return from where to call with the stated capacity, or why that is not known."""
    if result.cutoffs is None:
        return ()
    return result.cutoffs.sentences or (result.cutoffs.message,)


def _show_performance(result: "Calibration", out: "Console") -> None:
    from calibrate.judging.verdict import gap, verdict  # noqa: PLC0415 - scikit-learn is an optional extra

    newer = result.performance_newer
    every = f"All {result.of} open after the fitting" if result.horizon else f"Newer {result.of}"
    out.print(_performance(f"{every}: {counted(result.test_conversions, 'conversions')}", result.performance))
    if newer:
        created = f"Only {result.of} created after the fitting"
        out.print(_performance(f"{created}: {counted(result.newer_conversions, 'conversions')}", newer))
    if result.newer_told:
        out.print(result.newer_told)
    if not result.nothing_found:
        out.print(verdict(result), gap(result), result.again)
    if result.rate_check:
        out.print(result.rate_check.message)
    if not isnan(result.random_auc):
        out.print(f"Random cross-validation would promise an AUC of {result.random_auc:.3f}.")


def _alone(note: "Note") -> str:
    """Return what a left-out field says by itself."""
    if note.alone is None or note.known is None:
        return ""
    return f" Alone it has an AUC of {note.alone:.2f}, known of {note.known:.0%}."


def _against(out: PlainConsole, against: "Against") -> None:
    """Print how the scores compare."""
    for verdict in against.verdicts:
        out.print(verdict, style="bold")
    if not against.scores:
        return
    table = Table("Score", title=f"With {against.calls}", title_justify="left")
    for heading in ("Conversions caught", "95 %", "AUC", "95 %", "Without a value"):
        table.add_column(heading, justify="right")
    for one in against.scores:
        caught, auc = (f"{one.caught_low:.0f} to {one.caught_high:.0f}", f"{one.auc_low:.3f} to {one.auc_high:.3f}")
        table.add_row(one.name, f"{one.caught:.0f}", caught, f"{one.auc:.3f}", auc, f"{one.missing:.0%}")
    table.add_row("Without a score", f"{against.by_lot_caught:.0f}", *[""] * 4)
    out.print(table)
    for duel in against.headline:
        missed = f"{duel.theirs} missed {duel.they_missed_all} conversions that the {duel.mine.lower()} caught"
        out.print(f"{missed}, and caught {duel.we_missed_all} that it missed: --report lists them.")
    for said in against.assumed:
        out.print(said)


def _rules(result: "Calibration") -> Table:
    table = Table("Rule", title="Points", title_justify="left")
    if result.horizon:
        table.add_column("Half-life")
    said = ("Rejected by sales",) if result.feedback else ()
    for heading in ("Before", "Now", "9 of 10 refits", result.of.capitalize(), "Converted", "Lift", "Same sign", *said):
        table.add_column(heading, justify="right")
    for rule in result.rules:
        fades = [f"{rule.half_life:g}d" if rule.half_life else ""] if result.horizon else []
        known = [f"{rule.leads:,}", f"{rule.conversions:,}", f"{rule.lift:.2f}", f"{rule.same_sign:.0%}"]
        known += [_rejected(rule)] if said else []
        named = f"{rule.name} ({rule.per_unit})" if rule.per_unit else rule.name
        table.add_row(named, *fades, f"{rule.before:g}", f"{rule.after:+g}", _span(rule), *known)
    return table


def _gone(result: "Calibration") -> Table:
    table = Table("Rule", title="Dropped rules", title_justify="left")
    for heading in ("Before", "Would get", result.of.capitalize(), "Converted", "Lift"):
        table.add_column(heading, justify="right")
    table.add_column("Why it is dropped")
    for rule in result.gone:
        lift = "" if isnan(rule.lift) else f"{rule.lift:.2f}"
        known = (f"{rule.leads:,}", f"{rule.conversions:,}", lift) if rule.measured else ("", "", "")
        table.add_row(rule.name, f"{rule.before:g}", _span(rule), *known, rule.reason)
    return table


def _rejected(rule: "RuleFound") -> str:
    """Return which share of the leads that sales judged it rejected as a bad fit."""
    return f"{rule.rejected:.0%} of {rule.judged:,}" if rule.judged else "none judged"


def _span(rule: "RuleFound") -> str:
    return "" if isnan(rule.low) else f"{round(rule.low)} to {round(rule.high)}"


def _performance(title: str, performance: "Sequence[Performance]") -> Table:
    table = Table("Score", title=title, title_justify="left")
    for heading in ("AUC", "95 %", "Top fifth holds", "Lift at 10 %", "Slope"):
        table.add_column(heading, justify="right")
    for one in performance:
        slope = "" if isnan(one.slope) else f"{one.slope:.2f}"
        span = f"{one.auc_low:.3f} to {one.auc_high:.3f}"
        table.add_row(one.name, f"{one.auc:.3f}", span, f"{one.wins_in_top_fifth:.0%}", f"{one.lift_10:.2f}", slope)
    return table
