"""What the report shows beyond what scorecards use: the section `report` of a connection."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from pydantic import Field

from config.section import Strict
from vocabulary.fields import FieldType
from vocabulary.units import Span

OF_DEALS: Final[Mapping[str, FieldType]] = {"open": "flag", "won": "flag", "closed_at": "time"}
"""What deals may say of themselves, under the names that the scorecards that ship use."""


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
        description="The name under `deals` of what a deal is worth, such as `amount`: pipeline and won amounts."
        " `open`, `won` and `closed_at` are read with it if they are mapped.",
    )

    def of_deals(self, mapped: Mapping[str, object]) -> Mapping[str, FieldType]:
        """Return the fields of deals that it needs: the amount, and of the others those that are mapped."""
        if self.amount is None:
            return {}
        of: dict[str, FieldType] = {name: kind for name, kind in OF_DEALS.items() if name in mapped}
        return of | {self.amount: "number"}

    @property
    def fields(self) -> Sequence[str]:
        """The mapped fields of leads that it needs, each once."""
        return list(dict.fromkeys(name for name in (self.team, self.person, self.source) if name is not None))
