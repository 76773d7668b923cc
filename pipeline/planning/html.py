"""The plan as a single HTML file without external resources."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from jinja2 import Environment, PackageLoader

from pipeline.planning import charts
from pipeline.planning.movement import NONE, REASONS
from pipeline.planning.plan import Plan
from vocabulary.outputs import BANDS, BY_NAME
from vocabulary.units import how_long

SHADES: Final = 4

NAMES: Final = {
    **{name: BY_NAME[name].label.removeprefix("Lead ").capitalize() for name in BANDS},
    "lead_readiness": "Stage",
    "lead_score_status": "Status",
}
"""What a plan calls the outputs whose every change is shown."""


def render(plan: Plan, as_of: datetime) -> str:
    """Return the plan as HTML, with text from the CRM escaped."""
    flows = plan.movement.priorities()
    template = Environment(loader=PackageLoader("pipeline.planning"), autoescape=True).get_template("plan.html")
    return template.render(
        plan=plan,
        thing=plan.of.removesuffix("s"),
        as_of=as_of,
        names=NAMES,
        reasons=REASONS,
        without=NONE,
        grades=plan.movement.grades(),
        by_stage={(cell.grade, cell.stage): cell.leads for cell in plan.overview.grades},
        duration=how_long(plan.cost.seconds),
        distribution=charts.distribution(*plan.movement.distribution()),
        flows=charts.flows(flows.cells, flows.order) if flows.cells else "",
        shades=shades(plan.movement.names),
    )


def shades(priorities: Sequence[str]) -> dict[str, str]:
    """Return the colour class of each priority: the first one has the strongest, the last one the faintest."""
    last = max(len(priorities) - 1, 1)
    return {name: f"shade-{1 + round(place * (SHADES - 1) / last)}" for place, name in enumerate(priorities)}
