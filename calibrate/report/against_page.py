"""The page about the scores that were compared, for those who lead a sales team."""

from math import isnan

from calibrate.bakeoff.against import Against
from calibrate.bakeoff.duels import signed
from calibrate.judging.verdict import NOTHING
from calibrate.report import charts
from calibrate.report.report import environment
from calibrate.result import Calibration


def page(result: Calibration) -> str:
    """Return the page as self-contained HTML."""
    against = result.against
    assert against is not None, "scores were compared"
    made = environment()
    made.filters["signed"] = lambda number: NOTHING if isnan(number) else signed(number)
    return made.get_template("against.html").render(
        result=result,
        against=against,
        title=title(against),
        unit=against.of.removesuffix("s"),
        calls=against.calls,
        picture=charts.calls(against) if against.scores else "",
        by_lot=against.by_lot_caught,
        duels={(duel.mine, duel.theirs): duel for duel in against.duels},
    )


def title(against: Against) -> str:
    """Return the heading of the page."""
    theirs = " and ".join(one.name for one in against.scores if not one.ours)
    return f"{theirs} against our score" if theirs else "Scores compared"
