"""Times on the command line. A day without a clock begins in the zone of the scorecard, as everywhere else."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import click

from scoring.card.calendar import UTC_CALENDAR, Calendar
from scoring.card.values import as_time


@dataclass(frozen=True, slots=True)
class When:
    """A time as it was given."""

    text: str

    def on(self, calendar: Calendar = UTC_CALENDAR) -> datetime:
        """Return the moment by a calendar."""
        return as_time(self.text, calendar)


class Moment(click.ParamType[When]):
    """An ISO time, in UTC unless it has an offset, or a day."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> When:
        """Return the time, once it can be read."""
        try:
            as_time(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)
        return When(str(value))
