"""The shape of a score in HubSpot's Lead Scoring API: groups of rules, calculators, operations, outputs.

HubSpot's public OpenAPI collection, Marketing/Lead Scoring, 2026-09-beta and 2027-03-beta (21 August 2026). The pages
of these versions call some options otherwise (`maxScore`, `maxValue` of a rule, `id` of a calculator); both are read.
https://developers.hubspot.com/docs/api-reference/2027-03-beta/marketing/lead-scoring (2026-11).
"""

from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Number = Annotated[float, Field(allow_inf_nan=False)]
Category = Literal["FIT", "INTENT"]
Rollup = Literal["AVG", "MAX", "MIN", "SUM"]


class Shape(BaseModel):
    """A part of a score. What the published shape does not have is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    id: str | int | None = None


class Ignored(Shape):
    """A part that no rule uses as it is."""

    model_config = ConfigDict(extra="allow")


# --- operations: tests of one property ---


class Operation(Shape):
    """A test of one property."""

    operator: str
    include_missing: bool = Field(False, alias="includeObjectsWithNoValueSet")


class Known(Operation):
    """Whether a property has a value."""

    type: Literal["ALL_PROPERTY"] = Field(alias="operationType")


class Flag(Operation):
    """A test of a yes/no property."""

    type: Literal["BOOL"] = Field(alias="operationType")
    value: bool


class NumberIs(Operation):
    """A comparison with a number."""

    type: Literal["NUMBER"] = Field(alias="operationType")
    value: Number


class NumberRange(Operation):
    """A range of numbers."""

    type: Literal["NUMBER_RANGED"] = Field(alias="operationType")
    low: Number = Field(alias="lowerBound")
    high: Number = Field(alias="upperBound")


class Text(Operation):
    """A comparison with a text."""

    type: Literal["STRING"] = Field(alias="operationType")
    value: str


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


class Texts(Operation):
    """A comparison with one of several texts. Workflows write a single one as `value`."""

    type: Literal["MULTISTRING"] = Field(alias="operationType")
    values: Annotated[tuple[str, ...], BeforeValidator(_listed)] = Field(
        min_length=1, validation_alias=AliasChoices("values", "value")
    )


class Choice(Operation):
    """A test of a property with options."""

    type: Literal["ENUMERATION"] = Field(alias="operationType")
    values: tuple[str, ...] = Field(min_length=1)


class Moment(Operation):
    """A comparison with a moment, in milliseconds."""

    type: Literal["DATETIME"] = Field(alias="operationType")
    timestamp: int
    converts: bool = Field(False, alias="requiresTimeZoneConversion")


class Moments(Operation):
    """Whether a time lies between two moments, in milliseconds."""

    type: Literal["RANGED_DATE"] = Field(alias="operationType")
    low: int = Field(alias="lowerBound")
    high: int = Field(alias="upperBound")
    converts: bool = Field(False, alias="requiresTimeZoneConversion")


class Day(Operation):
    """A comparison with a day; the month is a number or a name such as `APR`."""

    type: Literal["DATE"] = Field(alias="operationType")
    year: int
    month: str
    day: int


class RollingDays(Operation):
    """A comparison with a number of days from now."""

    type: Literal["ROLLING_DATE_RANGE"] = Field(alias="operationType")
    days: int = Field(alias="numberOfDays")
    converts: bool = Field(False, alias="requiresTimeZoneConversion")


class CalendarDate(Operation):
    """A test of a period of the calendar."""

    type: Literal["CALENDAR_DATE"] = Field(alias="operationType")
    unit: str = Field(alias="timeUnit")
    count: int | None = Field(None, alias="timeUnitCount")
    fiscal: bool = Field(False, alias="useFiscalYear")
    year_starts: str | None = Field(None, alias="fiscalYearStart")


class OtherProperty(Operation):
    """A comparison with another property."""

    type: Literal["COMPARATIVE_DATE", "COMPARATIVE_STRING", "COMPARATIVE_PROPERTY_UPDATED"] = Field(
        alias="operationType"
    )
    other: str = Field(alias="comparisonPropertyName")
    default: str | None = Field(None, alias="defaultComparisonValue")


class Updated(Operation):
    """Whether a property was changed in the last days."""

    type: Literal["ROLLING_PROPERTY_UPDATED"] = Field(alias="operationType")
    days: int = Field(alias="numberOfDays")


class Reference(Ignored):
    """The start of a period that a point in time is counted from."""

    type: Literal["NOW", "TODAY", "WEEK", "MONTH", "QUARTER", "YEAR", "FISCAL_QUARTER", "FISCAL_YEAR"] = Field(
        alias="referenceType"
    )


class Offset(Shape):
    """How far a point in time is from its reference."""

    milliseconds: int = 0
    seconds: int = 0
    minutes: int = 0
    hours: int = 0
    days: int = 0
    weeks: int = 0
    months: int = 0
    quarters: int = 0
    years: int = 0


class Indexed(Shape):
    """A point in time counted from now or from the start of a period."""

    type: Literal["INDEXED"] = Field(alias="timeType")
    reference: Reference = Field(alias="indexReference")
    offset: Offset = Offset()
    zone: str = Field(alias="zoneId")
    zone_from: str | None = Field(None, alias="timezoneSource")


class Point(Shape):
    """A fixed point in time."""

    type: Literal["DATE"] = Field(alias="timeType")
    year: int
    month: int
    day: int
    hour: int = 0
    minute: int = 0
    second: int = 0
    millisecond: int = 0
    zone: str = Field(alias="zoneId")
    zone_from: str | None = Field(None, alias="timezoneSource")


class OfProperty(Shape):
    """A point in time that another property has."""

    type: Literal["PROPERTY_REFERENCED"] = Field(alias="timeType")
    property: str
    reference: str = Field(alias="referenceType")
    zone: str = Field(alias="zoneId")
    zone_from: str | None = Field(None, alias="timezoneSource")


TimePoint = Annotated[Indexed | Point | OfProperty, Field(discriminator="type")]


class AtPoint(Operation):
    """Whether a time lies before or after a point."""

    type: Literal["TIME_POINT"] = Field(alias="operationType")
    also: str | None = Field(None, alias="type")
    parser: str | None = Field(None, alias="propertyParser")
    point: TimePoint = Field(alias="timePoint")
    endpoint: str | None = Field(None, alias="endpointBehavior")


class BetweenPoints(Operation):
    """Whether a time lies between two points."""

    type: Literal["TIME_RANGED"] = Field(alias="operationType")
    also: str | None = Field(None, alias="type")
    parser: str | None = Field(None, alias="propertyParser")
    low: TimePoint = Field(alias="lowerBoundTimePoint")
    high: TimePoint = Field(alias="upperBoundTimePoint")
    low_endpoint: str | None = Field(None, alias="lowerBoundEndpointBehavior")
    high_endpoint: str | None = Field(None, alias="upperBoundEndpointBehavior")


def _typed(raw: Any) -> Any:
    """Name the type of an operation on times where only `type` names it, as the published shape allows."""
    if isinstance(raw, dict) and raw.get("operationType") != raw.get("type") in {"TIME_POINT", "TIME_RANGED"}:
        return {**raw, "operationType": raw["type"]}
    return raw


AnyOperation = Annotated[
    Known
    | Flag
    | NumberIs
    | NumberRange
    | Text
    | Texts
    | Choice
    | Moment
    | Moments
    | Day
    | RollingDays
    | CalendarDate
    | OtherProperty
    | Updated
    | AtPoint
    | BetweenPoints,
    Field(discriminator="type"),
    BeforeValidator(_typed),
]


# --- calculators: how many points a record or an event gets ---


class Single(Shape):
    """A test of one property in a condition."""

    type: Literal["SINGLE"]
    property: str
    operation: AnyOperation


class Composite(Shape):
    """Tests that must all hold."""

    type: Literal["COMPOSITE"]
    operator: Literal["AND"]
    conditions: tuple[Annotated["Single | Composite", Field(discriminator="type")], ...]


class Constant(Shape):
    """The same points for everyone."""

    type: Literal["CONSTANT"]
    value: Number


class MatchRule(Shape):
    """A test of the property of a match, with its points."""

    operation: AnyOperation
    value: Number


class Match(Shape):
    """Points by the value of one property: those of the first test that holds, or else the default."""

    type: Literal["MATCH"]
    property: str
    rules: tuple[MatchRule, ...] = Field(alias="matchRules")
    default: Number = Field(0, alias="defaultValue")


class Conditional(Shape):
    """Points where a condition holds."""

    type: Literal["CONDITIONAL"]
    value: Number
    where: Composite = Field(alias="whereCondition")


class SegmentRule(Shape):
    """A test of the segments that a record is in, with its points."""

    operation: Literal["HAS_ALL_SEGMENT_MEMBERSHIP", "HAS_AT_LEAST_ONE_SEGMENT_MEMBERSHIP", "HAS_NO_SEGMENT_MEMBERSHIP"]
    segments: tuple[int, ...] = Field(min_length=1, alias="segmentIds")
    value: Number


class Segments(Shape):
    """Points by the segments that a record is in."""

    type: Literal["SEGMENT_MEMBERSHIP"]
    rules: tuple[SegmentRule, ...] = Field(alias="segmentMembershipRules")


class Multi(Shape):
    """The points of several calculators, added up."""

    type: Literal["MULTI"]
    calculators: "tuple[OfRecord, ...]"


OfRecord = Annotated[Constant | Match | Conditional | Segments | Multi, Field(discriminator="type")]


class FrequencyRange(Shape):
    """Points for how many events there are."""

    type: Literal["AT_LEAST", "BETWEEN", "EXACTLY"]
    start: int = Field(alias="from")
    end: int | None = Field(None, alias="to")
    value: Number


class Frequency(Shape):
    """Points by the number of events instead of for each."""

    type: Literal["BETWEEN"]
    ranges: tuple[FrequencyRange, ...] = Field(min_length=1)


class Timeframe(Shape):
    """When events must have happened to count."""

    operation: AnyOperation = Field(alias="eventFilterOperation")


class EventCalculator(Shape):
    """Points for the events of one type."""

    event: str = Field(alias="eventTypeId")
    frequency: Frequency | None = Field(None, alias="eventFrequencyCriteria")
    timeframe: Timeframe | None = Field(None, alias="eventTimeframe")
    calculation: OfRecord = Field(alias="recordCalculation")


class Events(Shape):
    """Points for events of several types, added up."""

    type: Literal["MULTI_UE"]
    events: tuple[EventCalculator, ...] = Field(alias="eventCalculators")


class Association(Shape):
    """A type of association between two objects."""

    category: str = Field(alias="associationCategory")
    type: int = Field(alias="associationTypeId")


class PropertyFilter(Shape):
    """A test that an associated record must pass to count."""

    type: Literal["PROPERTY"] = Field(alias="filterType")
    property: str
    operation: AnyOperation


class Filters(Shape):
    """Tests that an associated record must pass to count."""

    filters: tuple[PropertyFilter, ...] = Field(alias="propertyFilters")


class Associated(Shape):
    """What both calculators of associated records have."""

    object: str = Field(alias="associatedObjectTypeId")
    filters: Filters | None = Field(None, alias="associationFilters")
    association: Association = Field(alias="associationSpec")
    inverse: Association = Field(alias="inverseAssociationSpec")
    rollup: Rollup = Field(alias="rollupType")


class OfAssociated(Associated):
    """Points of associated records, rolled up."""

    type: Literal["ASSOCIATIONS"]
    calculation: OfRecord = Field(alias="recordCalculation")


class EventsOfAssociated(Associated):
    """Points for events of associated records, rolled up."""

    type: Literal["ASSOCIATION_UE"]
    calculation: Events = Field(alias="recordCalculation")


Calculation = Annotated[
    Constant | Match | Conditional | Segments | Multi | Events | OfAssociated | EventsOfAssociated,
    Field(discriminator="type"),
]


# --- the score: groups of rules, and what comes out ---


class Configuration(Shape):
    """How a rule calculates."""

    calculation: Calculation


class Limited(Shape):
    """What is cut to limits, each of which may be missing."""

    maximum: Number | None = Field(None, validation_alias=AliasChoices("maxValue", "maximumValue"))
    minimum: Number | None = Field(None, validation_alias=AliasChoices("minValue", "minimumValue"))

    @model_validator(mode="after")
    def _check(self) -> "Limited":
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError(f"the minimum of {self.minimum:g} is above the maximum of {self.maximum:g}")
        return self


class Rule(Limited):
    """A rule with limits of its own."""

    configuration: Configuration
    enabled: bool


class Decay(Shape):
    """How points for events fade: by a share of them after every interval."""

    days: int = Field(alias="decayIntervalDays", ge=1, le=36_500)
    percent: Number = Field(alias="percentToDecayPerInterval", ge=0, le=100)


class Group(Limited):
    """Rules that are added up, with limits."""

    name: str = Field(alias="groupName")
    category: Category | None = Field(None, alias="groupCategory")
    decay: Decay | None = Field(None, alias="groupDecay")
    rules: tuple[Rule, ...] = Field(alias="ruleConfigurations")


class Boundary(Shape):
    """The lowest score of a tier."""

    label: str
    threshold: Number
    new_label: str | None = Field(None, alias="newLabel")
    color: str | None = None


class Output(Shape):
    """What all outputs have: the property that HubSpot writes. A change of it may leave out all but its id."""

    categories: tuple[Category, ...] = ()
    property: str | None = Field(None, validation_alias=AliasChoices("propertyName", "internalPropertyName"))
    label: str | None = Field(None, alias="propertyLabel")
    description: str | None = Field(None, alias="propertyDescription")
    group: str | None = Field(None, alias="propertyGroup")


class ScoreOutput(Output):
    """The score itself."""

    type: Literal["SCORE"] = Field(alias="outputType")


class ThresholdOutput(Output):
    """Tiers of the score."""

    type: Literal["THRESHOLD"] = Field(alias="outputType")
    boundaries: tuple[Boundary, ...] = Field(min_length=1)


class MatrixOutput(Output):
    """Tiers of fit beside tiers of engagement."""

    type: Literal["MATRIX"] = Field(alias="outputType")
    boundaries: dict[Category, tuple[Boundary, ...]] = Field(min_length=1)


AnyOutput = Annotated[ScoreOutput | ThresholdOutput | MatrixOutput, Field(discriminator="type")]


class Outputs(Shape):
    """What HubSpot writes."""

    outputs: tuple[AnyOutput, ...]


class Filter(Shape):
    """Who is scored: only those in some segments, or all others."""

    type: Literal["INCLUDES", "EXCLUDES"] = Field(alias="listFilterType")
    segments: tuple[int, ...] = Field(alias="segmentIds")


class Score(Shape):
    """A score, as HubSpot returns it or as it is sent to make one."""

    name: str
    object: str = Field(alias="objectTypeId")
    categories: tuple[Category, ...] = Field((), alias="allowedGroupTypes")
    groups: tuple[Group, ...] = Field(alias="groupConfigs")
    filter: Filter | None = Field(None, alias="filterConfiguration")
    outputs: Outputs | None = Field(None, alias="outputConfiguration")
    maximum: Number | None = Field(None, alias="maxScore")
    maximum_per_category: Number | None = Field(None, alias="maxScorePerCategory")
    status: str | None = Field(None, alias="scoreStatus")
    type: str | None = Field(None, alias="scoreType")
    created_at: Any = Field(None, alias="createdAt")
    published_at: Any = Field(None, alias="publishedAt")
    updated_at: Any = Field(None, alias="updatedAt")
