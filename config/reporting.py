"""What the report shows beyond what scorecards use: the section `report` of a connection."""

from collections.abc import Sequence
from datetime import timedelta

from pydantic import Field

from config.section import Strict
from vocabulary.units import Span


class Reporting(Strict):
    """What `leadgauge report` shows by team, person and source, and what sales has promised."""

    promise: Span | None = Field(
        default=None,
        gt=timedelta(0),
        description="How soon sales has promised to call, meet or write to a lead that reaches the first priority, such"
        " as `4h`. Counted on the clock: nights and weekends too.",
    )
    team: str | None = Field(
        default=None, description="The mapped field with the team of a lead: how soon sales reaches out, by team."
    )
    person: str | None = Field(
        default=None,
        description="The mapped field with the owner of a lead. Naming it allows `report --by-person`; nothing is shown"
        " by person otherwise.",
    )
    source: str | None = Field(
        default=None, description="The mapped field with the source of a lead: amounts of deals by source."
    )
    amount: str | None = Field(
        default=None,
        description="The name under `deals` of what a deal is worth, such as `amount`: pipeline and won amounts.",
    )

    @property
    def fields(self) -> Sequence[str]:
        """The mapped fields of leads that it needs, each once."""
        return list(dict.fromkeys(name for name in (self.team, self.person, self.source) if name is not None))
