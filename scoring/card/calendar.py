"""The calendar of a scorecard: where its days begin, and with which month its years."""

from calendar import month_name
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from scoring.card.base import CardModel
from scoring.card.mistakes import meant

MONTHS: Final = tuple(month_name[1:])
PERIODS: Final = ("day", "week", "month", "quarter", "year")
"""The periods of a calendar. A week begins on Monday; quarters and years are counted from `year_starts`."""


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"there is no time zone '{name}': write one like Europe/Berlin") from None
    return name


def _month(written: object) -> str:
    name = str(written).strip().capitalize()
    if name not in MONTHS:
        raise ValueError(f"there is no month '{written}': {meant(name, MONTHS, 'write one like February')}")
    return name


Zone = Annotated[str, AfterValidator(_zone)]
Month = Annotated[str, BeforeValidator(_month)]


class Calendar(CardModel):
    """The calendar that dates, limits and periods follow."""

    zone: Zone = Field("UTC", description="The time zone in which days begin and end, such as Europe/Berlin.")
    year_starts: Month = Field("January", description="The month with which years and quarters begin.")

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, raw: Any) -> Any:
        return raw if isinstance(raw, Mapping | Calendar) else {"zone": raw}

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Add the short form: the zone alone."""
        full = handler.resolve_ref_schema(handler(core_schema))
        return {"title": "Calendar", "description": cls.__doc__, "anyOf": [{"type": "string"}, full], **full}

    @cached_property
    def clocks(self) -> ZoneInfo:
        """The zone's clocks."""
        return ZoneInfo(self.zone)

    @property
    def first_month(self) -> int:
        """The number of months from January to the first month of a year."""
        return MONTHS.index(self.year_starts)

    def begins(self, day: date) -> datetime:
        """Return the first moment of a day, in UTC."""
        return datetime(day.year, day.month, day.day, tzinfo=self.clocks).astimezone(UTC)


UTC_CALENDAR: Final[Calendar] = Calendar.model_validate({})
