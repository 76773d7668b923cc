"""What a score of HubSpot's Lead Scoring API gives a record, read from its JSON one step at a time.

It knows nothing of scorecards. A record is a mapping of properties; its events have a type, a time and properties.
"""
# ruff: noqa: ANN001, ANN201, ANN204, ANN205 - plain data in and out, read beside the published shape

from datetime import datetime, timedelta
from decimal import Decimal


def exact(number):
    return Decimal(str(number))


class Slow:
    """A score read for one record."""

    def __init__(self, score, record, as_of):
        self.score, self.record, self.as_of = score, record, as_of

    @property
    def points(self):
        """Fit, engagement and their sum, rounded halves away from zero."""
        sums = dict.fromkeys(("FIT", "INTENT"), Decimal(0))
        for group in self.score["groupConfigs"]:
            sums[group["groupCategory"]] += self.of_group(group)
        most = self.score.get("maxScorePerCategory")
        sums = {name: each if most is None else min(each, exact(most)) for name, each in sums.items()}
        total = sum(sums.values())
        if "maxScore" in self.score:
            total = min(total, exact(self.score["maxScore"]))
        return tuple(rounded(each) for each in (sums["FIT"], sums["INTENT"], total))

    def of_group(self, group):
        if (wanted := self.score.get("filterConfiguration")) is not None:
            inside = bool(self.record["segments"] & set(wanted["segmentIds"]))
            if inside != (wanted["listFilterType"] == "INCLUDES"):
                return Decimal(0)
        decay = group.get("groupDecay", {"decayIntervalDays": 1, "percentToDecayPerInterval": 0})
        total = sum(self.of_rule(rule, decay) for rule in group["ruleConfigurations"] if rule["enabled"])
        return cut(total, group.get("minValue"), group.get("maxValue"))

    def of_rule(self, rule, decay):
        found = self.calculated(rule["configuration"]["calculation"], decay)
        return cut(found, rule.get("minimumValue"), rule.get("maximumValue"))

    def calculated(self, calculation, decay):
        match calculation["type"]:
            case "MULTI_UE":
                return sum(self.of_events(one, decay) for one in calculation["eventCalculators"])
            case "ASSOCIATIONS":
                return self.rolled_up(calculation)
            case "ASSOCIATION_UE":
                return self.of_people(calculation, decay)
            case _:
                return self.of_record(calculation, self.record["properties"])

    def of_record(self, calculation, properties):
        match calculation["type"]:
            case "CONSTANT":
                return exact(calculation["value"])
            case "MATCH":
                value = properties.get(calculation["property"])
                for rule in calculation["matchRules"]:
                    if self.passes(value, rule["operation"], properties):
                        return exact(rule["value"])
                return exact(calculation.get("defaultValue", 0))
            case "CONDITIONAL":
                holds = self.holds(calculation["whereCondition"], properties)
                return exact(calculation["value"]) if holds else Decimal(0)
            case "MULTI":
                return sum(self.of_record(one, properties) for one in calculation["calculators"])
            case "SEGMENT_MEMBERSHIP":
                rules = calculation["segmentMembershipRules"]
                return sum((exact(rule["value"]) for rule in rules if self.is_member(rule)), Decimal(0))
            case other:
                raise AssertionError(other)

    def is_member(self, rule):
        mine, asked = self.record["segments"], set(rule["segmentIds"])
        match rule["operation"]:
            case "HAS_ALL_SEGMENT_MEMBERSHIP":
                return asked <= mine
            case "HAS_AT_LEAST_ONE_SEGMENT_MEMBERSHIP":
                return bool(asked & mine)
            case _:
                return not asked & mine

    def holds(self, condition, properties):
        if condition["type"] == "COMPOSITE":
            return all(self.holds(one, properties) for one in condition["conditions"])
        return self.passes(properties.get(condition["property"]), condition["operation"], properties)

    def of_people(self, calculation, decay):
        assert calculation["rollupType"] == "SUM"  # else the card says that it is left out
        people = [Slow(self.score, one, self.as_of) for one in self.record["people"]]
        return sum(one.calculated(calculation["recordCalculation"], decay) for one in people)

    def rolled_up(self, calculation):
        tests = calculation.get("associationFilters", {"propertyFilters": []})["propertyFilters"]
        records = [
            (slow, one)
            for slow, one in self.associated(calculation["associatedObjectTypeId"])
            if all(self.passes(one.get(test["property"]), test["operation"], one) for test in tests)
        ]
        if not records:
            return Decimal(0)
        points = [slow.of_record(calculation["recordCalculation"], one) for slow, one in records]
        match calculation["rollupType"]:
            case "SUM":
                return sum(points)
            case "MAX":
                return max(points)
            case "MIN":
                return min(points)
            case _:
                return sum(points) / len(points)

    def associated(self, object_):
        """The associated records with their properties; the people of a company have segments of their own."""
        if object_ == "0-1":
            return [(Slow(self.score, one, self.as_of), one["properties"]) for one in self.record["people"]]
        return [(self, one) for one in self.record["associated"].get(object_, [])]

    # --- events ---

    def of_events(self, calculator, decay):
        frame = calculator.get("eventTimeframe")
        events = [
            one
            for one in self.record["events"]
            if one["type"] == calculator["eventTypeId"]
            and one["at"] <= self.as_of
            and (frame is None or self.passes(one["at"], frame["eventFilterOperation"], {}))
        ]
        calculation = calculator["recordCalculation"]
        if "eventFrequencyCriteria" not in calculator:
            return sum(self.of_record(calculation, one["properties"]) * self.left(one, decay) for one in events)
        counted = [one for one in events if self.counts(calculation, one["properties"])]
        points = self.by_count(len(counted), calculator["eventFrequencyCriteria"]["ranges"])
        latest = max(counted, key=lambda one: one["at"], default=None)
        return points if latest is None else points * self.left(latest, decay)

    def counts(self, calculation, properties):
        match calculation["type"]:
            case "CONSTANT":
                return True
            case "CONDITIONAL":
                return self.holds(calculation["whereCondition"], properties)
            case "MATCH":
                value = properties.get(calculation["property"])
                any_of = any(self.passes(value, rule["operation"], properties) for rule in calculation["matchRules"])
                return any_of or bool(calculation.get("defaultValue"))
            case other:
                raise AssertionError(other)

    @staticmethod
    def by_count(count, ranges):
        for one in ranges:
            last = {"AT_LEAST": None, "EXACTLY": one["from"], "BETWEEN": one.get("to")}[one["type"]]
            if one["from"] <= count and (last is None or count <= last):
                return exact(one["value"])
        return Decimal(0)

    def left(self, event, decay):
        steps = (self.as_of - event["at"]) // timedelta(days=decay["decayIntervalDays"])
        return max(Decimal(0), 1 - exact(decay["percentToDecayPerInterval"]) / 100 * steps)

    # --- operations ---

    def passes(self, value, operation, properties):
        if operation["operationType"] == "ALL_PROPERTY":
            return (value is not None) == (operation["operator"] in {"IS_KNOWN", "IS_NOT_BLANK"})
        if value is None:
            return operation.get("includeObjectsWithNoValueSet", False)
        return getattr(self, operation["operationType"].lower())(value, operation["operator"], operation, properties)

    def number(self, value, operator, operation, _):
        bound = operation["value"]
        return {
            "IS_EQUAL_TO": value == bound,
            "IS_NOT_EQUAL_TO": value != bound,
            "IS_GREATER_THAN": value > bound,
            "IS_GREATER_THAN_OR_EQUAL_TO": value >= bound,
            "IS_LESS_THAN": value < bound,
            "IS_LESS_THAN_OR_EQUAL_TO": value <= bound,
        }[operator]

    def number_ranged(self, value, operator, operation, _):
        return (operation["lowerBound"] <= value <= operation["upperBound"]) == (operator == "IS_BETWEEN")

    def bool(self, value, operator, operation, _):
        return (value == operation["value"]) == (operator == "IS_EQUAL_TO")

    def string(self, value, operator, operation, _):
        return text_passes(value, operator, [operation["value"]])

    def multistring(self, value, operator, operation, _):
        return text_passes(value, operator, operation["values"])

    def enumeration(self, value, operator, operation, _):
        mine, asked = {one.strip().lower() for one in value.split(";")}, {one.lower() for one in operation["values"]}
        return {
            "IS_ANY_OF": bool(mine & asked),
            "IS_NONE_OF": not mine & asked,
            "CONTAINS_ALL": asked <= mine,
            "DOES_NOT_CONTAIN_ALL": not asked <= mine,
        }[operator]

    def rolling_date_range(self, value, operator, operation, _):
        age, length = self.as_of - value, timedelta(days=operation["numberOfDays"])
        return {
            "IS_LESS_THAN_X_DAYS_AGO": timedelta(0) <= age < length,
            "IS_MORE_THAN_X_DAYS_AGO": age >= length,
            "IS_LESS_THAN_X_DAYS_FROM_NOW": -length < age <= timedelta(0),
            "IS_MORE_THAN_X_DAYS_FROM_NOW": age <= -length,
        }[operator]

    def datetime(self, value, operator, operation, _):
        moment = datetime.fromtimestamp(operation["timestamp"] / 1000, value.tzinfo)
        return {"IS_AFTER": value > moment, "IS_BEFORE": value < moment, "IS_EQUAL_TO": value == moment}[operator]

    def date(self, value, operator, operation, _):
        day = datetime(operation["year"], MONTHS.index(operation["month"]) + 1, operation["day"]).date()  # noqa: DTZ001
        return {"EQUAL": value.date() == day, "AFTER": value.date() > day, "BEFORE": value.date() < day}[operator]

    def calendar_date(self, value, operator, operation, _):
        mine, now = (period(one, operation["timeUnit"]) for one in (value, self.as_of))
        match operator:
            case "IN_THIS_TIME_UNIT":
                return mine == now
            case "IN_THIS_TIME_UNIT_SO_FAR":
                return mine == now and value <= self.as_of
            case "IN_LAST_TIME_UNIT":
                return mine == now - 1
            case _:
                return mine == now + 1

    def comparative_date(self, value, operator, operation, properties):
        other = properties.get(operation["comparisonPropertyName"])
        if other is None:
            return operation.get("includeObjectsWithNoValueSet", False)
        return value > other if operator == "IS_AFTER" else value < other

    def time_point(self, value, operator, operation, _):
        point = self.as_of + timedelta(**operation["timePoint"].get("offset", {}))
        return value > point if operator == "IS_AFTER" else value < point


MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


def text_passes(value, operator, asked):
    mine, asked = value.strip().lower(), [one.strip().lower() for one in asked]
    return {
        "IS_EQUAL_TO": mine in asked,
        "IS_NOT_EQUAL_TO": mine not in asked,
        "CONTAINS": any(one in mine for one in asked),
        "DOES_NOT_CONTAIN": not any(one in mine for one in asked),
        "STARTS_WITH": any(mine.startswith(one) for one in asked),
        "ENDS_WITH": any(mine.endswith(one) for one in asked),
    }[operator]


def period(moment, unit):
    """The number of a period; neighbours have neighbouring numbers."""
    match unit:
        case "DAY":
            return moment.toordinal()
        case "WEEK":
            return (moment.toordinal() - 1) // 7
        case "MONTH":
            return moment.year * 12 + moment.month
        case "QUARTER":
            return moment.year * 4 + (moment.month - 1) // 3
        case _:
            return moment.year


def cut(points, low, high):
    points = points if low is None else max(points, exact(low))
    return points if high is None else min(points, exact(high))


def rounded(points):
    return int(abs(points) + Decimal("0.5")) * (1 if points >= 0 else -1)


def tier(number, boundaries):
    """The label of the greatest threshold that a number reaches; None below all of them."""
    reached = [one for one in boundaries if number >= one["threshold"]]
    return max(reached, key=lambda one: one["threshold"])["label"] if reached else None
