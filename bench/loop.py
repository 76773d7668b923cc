"""The baseline: a plain Python loop over leads that computes the same scorecard as `bench.scoring`.

Not naive: conditions are compiled to closures once, activities are plain tuples sorted once per lead.
"""

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

HOURS = {"h": 1, "d": 24, "w": 168}
BOUNDS = [95, 85, 80, 75, 65, 60, 55, 45, 40, 35, 25, 20, 0]
BANDS = list(zip(["A+", "A", "A-", "B+", "B", "B-", "C+", "C", "C-", "D+", "D", "D-", "F"], BOUNDS, strict=True))


def seconds(text: str) -> float:
    return float(text[:-1]) * HOURS[text[-1]] * 3600


def holds(condition: dict) -> Callable[[dict], bool | None]:
    """Compile a condition: true, false, or None for unknown."""
    tests = [part(name, wanted) for name, wanted in condition.items()]
    if len(tests) == 1:
        return tests[0]

    def every(row: dict) -> bool | None:
        answer: bool | None = True
        for one in tests:
            found = one(row)
            if found is False:
                return False
            answer = None if found is None else answer
        return answer

    return every


def part(name: str, wanted: object) -> Callable[[dict], bool | None]:
    if name == "any":
        tests = [holds(one) for one in wanted]

        def some(row: dict) -> bool | None:
            answers = [one(row) for one in tests]
            return True if True in answers else None if None in answers else False

        return some
    if name == "not":
        inner = holds(wanted)
        return lambda row: None if (found := inner(row)) is None else not found
    passes = check(wanted)
    return lambda row: None if (value := row[name]) is None else passes(value)


def check(wanted: object) -> Callable[[object], bool]:  # noqa: PLR0911 - one return per operator
    if isinstance(wanted, list):
        among = {one.lower() for one in wanted}
        return lambda value: value in among
    if not isinstance(wanted, dict):
        text = wanted.lower() if isinstance(wanted, str) else wanted
        return lambda value: value == text
    ((operator, operand),) = wanted.items()
    match operator:
        case "contains":
            return lambda value: operand in value
        case "ends_with":
            return lambda value: value.endswith(operand)
        case "at_least":
            return lambda value: value >= operand
        case "between":
            return lambda value: operand[0] <= value <= operand[1]
    search = re.compile(operand, re.IGNORECASE).search
    return lambda value: search(value) is not None


def fade(rule: dict) -> Callable[[float], float]:
    if "half_life" in rule:
        life = seconds(rule["half_life"])
        return lambda age: 2 ** (-age / life)
    if "lifespan" in rule:
        life = seconds(rule["lifespan"])
        return lambda age: max(0.0, 1 - age / life)
    if "steps" in rule:
        every, lose = seconds(rule["steps"]["every"]), float(rule["steps"]["lose"][:-1]) / 100
        return lambda age: max(0.0, 1 - lose * (age // every))
    return lambda _: 1.0


class Loop:
    """The scorecard of the benchmark, for scoring one lead at a time."""

    def __init__(self, card: dict, as_of: datetime) -> None:
        self.as_of, self.card = as_of, card
        score = card["score"]
        self.fit = [(rule["name"], holds(rule["lead"]), rule["points"]) for rule in score["fit"]["groups"][0]["rules"]]
        rules = score["engagement"]["groups"][0]["rules"]
        self.engagement = [(rule, holds(rule["activity"]), fade(rule)) for rule in rules]
        self.criteria = [
            (one["weight"], holds(one["match"]), holds(one["partial"]) if "partial" in one else None)
            for one in card["grade"]["profiles"][0]["criteria"]
        ]

    def score(self, lead: dict, activities: list[dict]) -> tuple[dict, list]:
        """Return the results and the explanation lines of one lead."""
        lines: list[tuple] = []
        fit = 0.0
        for name, condition, points in self.fit:
            if condition(lead) is True:
                fit += points
                lines.append(("fit", "rule", name, points, None, None))
        fit = self._cut(lines, "fit", fit, self.card["score"]["fit"])
        history = self._history(activities)
        engagement = week = before = 0.0
        for rule, condition, faded in self.engagement:
            left = self._counted(rule, [one for one in history if condition(one) is True])
            points = sum(rule["points"] * faded(one["age"]) for one in left)
            if rule["points"] > 0:
                week += rule["points"] * sum(one["age"] < 7 * 86400 for one in left)
                before += rule["points"] * sum(7 * 86400 <= one["age"] < 28 * 86400 for one in left)
            if "maximum" in rule:
                points = max(-rule["maximum"], min(rule["maximum"], points))
            if points:
                lines.append(("engagement", "rule", rule["name"], points, len(left), left[0]["at"]))
            engagement += points
        section = self.card["score"]["engagement"]
        engagement = self._cut(
            lines, "engagement", self._cut(lines, "engagement", engagement, section["groups"][0]), section
        )
        total = self._cut(lines, "total", fit + engagement, self.card["score"])
        rounded = self._rounded(total)
        lines.append(("total", "rounding", "Rounding", rounded - total, None, None))
        grade, percent = self._grade(lead)
        stage = self._stage(history)
        urgency = self._urgency(history, week, before)
        result = {
            "score": rounded, "fit": self._rounded(fit), "engagement": self._rounded(engagement), "grade": grade,
            "stage": stage, "urgency": urgency, "priority": self.card["priority"]["matrix"][stage][(grade or "?")[0]],
            "reasons": self._reasons(lines),
        }  # fmt: skip
        result["index"] = self._index(percent, result)
        return result, lines

    def _history(self, activities: list[dict]) -> list[dict]:
        """Return the distinct past activities, latest first."""
        seen, kept = set(), []
        for one in activities:
            age = (self.as_of - one["at"]).total_seconds()
            if age >= 0 and one["id"] not in seen:
                seen.add(one["id"])
                kept.append({**one, "age": age})
        kept.sort(key=lambda one: one["age"])
        return kept

    def _counted(self, rule: dict, left: list[dict]) -> list[dict]:
        if "within" in rule:
            window = seconds(rule["within"])
            left = [one for one in left if one["age"] < window]
        if "limit" in rule:
            number, _, period = rule["limit"].split()
            taken: dict = {}
            kept = []
            for one in left:
                key = one["at"].date() if period == "day" else one["at"].isocalendar()[:2]
                taken[key] = taken.get(key, 0) + 1
                if taken[key] <= int(number):
                    kept.append(one)
            left = kept
        return left[:1] if rule.get("award") == "once" else left

    def _cut(self, lines: list, part: str, total: float, limits: dict) -> float:
        kept = max(limits.get("minimum", -math.inf), min(limits.get("maximum", math.inf), total))
        if kept != total:
            lines.append((part, "limit", part, kept - total, None, None))
        return kept

    def _rounded(self, value: float) -> int:
        return int(math.copysign(math.floor(abs(value) + 0.5), value))

    def _grade(self, lead: dict) -> tuple[str | None, float | None]:
        got = known = everything = 0.0
        for weight, match, partial in self.criteria:
            everything += weight
            full = match(lead)
            half = partial(lead) if partial else False
            if full is True or half is True or (full is False and half is False):
                known += weight
                got += weight if full is True else weight / 2 if half is True else 0
        if not known:
            return None, None
        percent = round(100 * got / known, 6)
        if known / everything < 0.5:
            return None, percent
        return next(letter for letter, bound in BANDS if bound <= percent), percent

    def _stage(self, history: list[dict]) -> str:
        stage = "Unaware"
        if any(one["age"] < 90 * 86400 for one in history):
            stage = "Aware"
        if any(one["kind"] in {"demo_request", "pricing_request"} and one["age"] < 30 * 86400 for one in history):
            stage = "Ready"
        return stage

    def _urgency(self, history: list[dict], week: float, before: float) -> str:
        asked = [one["age"] for one in history if one["kind"] == "demo_request" and one["age"] < 7 * 86400]
        answered = min((one["age"] for one in history if one["kind"] in {"call", "meeting"}), default=math.inf)
        if asked and min(asked) < answered:
            return "now"
        return "soon" if week >= 10 and week >= 2 * before / 3 else "none"

    def _index(self, percent: float | None, result: dict) -> int:
        fit = percent if percent is not None else 100 * result["fit"] / 40
        stage = {"Unaware": 0, "Aware": 50, "Ready": 100}[result["stage"]]
        parts = ((40, fit), (30, 100 * result["engagement"] / 60), (30, stage))
        return self._rounded(sum(weight * max(0, min(100, part)) for weight, part in parts) / 100)

    def _reasons(self, lines: list) -> str:
        strongest = sorted((line for line in lines if line[1] == "rule"), key=lambda line: -abs(line[3]))[:5]
        texts = []
        for _, _, name, points, count, latest in strongest:
            ago = "" if latest is None else f" ({count}\u00d7, last {(self.as_of - latest) // timedelta(days=1)} d ago)"
            sign = "+" if points > 0 else "\u2212"
            texts.append(f"{sign}{abs(self._rounded(points))} {name}{ago}")
        return " \u00b7 ".join(texts)


def parse(as_of: str) -> datetime:
    return datetime.fromisoformat(as_of).astimezone(UTC)
