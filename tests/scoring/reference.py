"""The specification in plain Python: one lead at a time, simple and slow. Shares no code with `scoring`.

Takes the scorecard as plain data (what YAML gives), leads and activities as dicts; unknown is None.
"""
# ruff: noqa: ANN204, ANN001, ANN201, ANN202, PLR0911, C901 - plain data in and out, read beside the specification

import hashlib
import math
import re
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

LETTERS = ["A+", "A", "A-", "B+", "B", "B-", "C+", "C", "C-", "D+", "D", "D-", "F"]
DEFAULT_BANDS = dict(zip(LETTERS, [95, 85, 80, 75, 65, 60, 55, 45, 40, 35, 25, 20, 0], strict=True))
ACTIVITY_TYPES = {
    "kind": "text",
    "url": "text",
    "name": "text",
    "seconds": "number",
    "value": "number",
    "occurred_at": "time",
}
COMPUTED = {
    "fit": "number",
    "engagement": "number",
    "score": "number",
    "grade": "grade",
    "stage": "stage",
    "urgency": "text",
}
LISTS = {"list", "member_of"}
TRACKING = re.compile(r"^(utm_.*|_hs.*|gclid|fbclid|msclkid)$", re.IGNORECASE)


def all_of(values):
    values = list(values)
    if any(value is False for value in values):
        return False
    return None if any(value is None for value in values) else True


def any_of(values):
    values = list(values)
    if any(value is True for value in values):
        return True
    return None if any(value is None for value in values) else False


def not_of(value):
    return None if value is None else not value


def span(text):
    number, unit = re.fullmatch(r"([\d.]+)\s*([hdw])", text).groups()
    return timedelta(hours=float(number) * {"h": 1, "d": 24, "w": 168}[unit])


def fold(text):
    return None if text is None else str(text).strip().lower() or None


def clean(value, kind, zone=UTC, placeholders=()):
    """The value of a field, None if missing; a lead without any memberships is a member of nothing."""
    empty = {None, *map(fold, placeholders)}
    if value is None:
        return [] if kind == "member_of" else None
    if kind == "text":
        return None if fold(value) in empty else fold(value)
    if kind == "number":
        return None if math.isnan(value) else value
    if kind == "list":
        return [fold(entry) for entry in value if fold(entry) not in empty] or None
    if kind == "member_of":
        return [fold(entry) for entry in value if fold(entry) not in empty]
    return first_moment(value, zone) if kind == "date" else value


def operand(value, kind, zone=UTC):
    if kind in {"text", *LISTS}:
        return fold(str(value).lower() if isinstance(value, bool) else value)
    if kind in {"time", "date"}:
        moment = datetime.fromisoformat(value)
        if len(value) == len("2026-03-31"):
            return first_moment(moment.date(), zone)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return value


def first_moment(day, zone):
    """The first moment of a day: the minute at which its date begins, on clocks that may skip or repeat midnight."""
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=15)
    while moment.astimezone(zone).date() != day:
        moment += timedelta(minutes=15)
    return moment


def strip_tracking(url):
    if url is None or "?" not in url.split("#")[0]:
        return url
    before, _, rest = url.partition("?")
    query, hash_, fragment = rest.partition("#")
    kept = [part for part in query.split("&") if not TRACKING.match(part.split("=")[0])]
    if len(kept) == len(query.split("&")):
        return url
    return before + ("?" + "&".join(kept) if kept else "") + hash_ + fragment


def letters_meant(written):
    return [letter for letter in LETTERS if letter == written or (len(written) == 1 and letter[0] == written)]


MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


class Of:
    """The value of a field as an operand."""

    def __init__(self, value):
        self.value = value


def summary(figure, rows, types):
    """What a figure says of these deals or activities, and its type."""
    if "count" in figure:
        return len(rows), "number"
    ((way, name),) = [(way, figure[way]) for way in ("sum", "average", "max", "min") if way in figure]
    values = [clean(one.get(name), types[name]) if types is ACTIVITY_TYPES else one[name] for one in rows]
    values = [value for value in values if value is not None]
    if way in {"max", "min"}:
        kind = "time" if types.get(name) in {"time", "date"} else "number"
        return {"max": max, "min": min}[way](values, default=None), kind
    if not values:
        return 0 if way == "sum" else None, "number"
    endless = any(math.isinf(value) for value in values)
    total = sum(values) if endless else float(sum(map(Fraction, values)) / (1 if way == "sum" else len(values)))
    return (round(total, 9) if abs(total) < 1e6 else total), "number"


def listed(raw):
    return raw if isinstance(raw, list) else [raw]


class Lead:
    """One lead, scored."""

    def __init__(self, card, lead, activities, as_of, previous=None, state=None, account=None, *, waits=False):
        """`lead`: its fields, and its `deals`.

        `state`: what was computed last (`priority`, `since`, `rose_at`, `expires_at`, `card`), and `own`; {} for nothing.
        `account`: that of the lead, of `reference_accounts`. A lead that waits is scored by `begin` and `finish`.
        """
        self.card, self.as_of, self.previous, self.state = card, as_of, previous, state
        self.fields = dict(card.get("fields", {}))
        self.given_lead = lead
        self.values = {name: self.cleaned(lead.get(name), kind) for name, kind in self.fields.items()}
        self.account, self.earlier = account, None
        self.figures_of("deals", [self.deal(one) for one in lead.get("deals", [])], card.get("deals", {}))
        self.read_account()
        self.see(activities)
        self.computed = {}
        self.lines = []
        self.week = self.before = 0
        if not waits:
            self.begin()
            self.finish()

    def see(self, activities):
        """Take in the history."""
        self.whole = self.activities = self.usable(activities)
        with self.inside(self.card):
            self.seen = self.activities
            self.figures_of("activities", self.activities, ACTIVITY_TYPES)

    def read_account(self):
        """Take over what is known of the account so far; without one all of it is missing."""
        accounts = self.card.get("accounts", {})
        for name in [*accounts.get("fields", {}), *accounts.get("figures", {})]:
            kind = accounts["fields"].get(name, "number")
            self.values[f"account.{name}"] = self.account.values.get(name) if self.account else clean(None, kind)
            self.fields[f"account.{name}"] = self.account.fields.get(name, kind) if self.account else kind

    def usable(self, activities):
        seen, kept = set(), []
        for activity in activities:
            if activity["occurred_at"] is None or activity["occurred_at"] > self.as_of:
                continue
            if activity.get("machine") is not None and self.card.get("machine_traffic") != "counted":
                continue
            if activity["id"] is not None and activity["id"] in seen:
                continue
            seen.add(activity["id"])
            kept.append({**activity, "url": strip_tracking(activity.get("url"))})
        return kept

    # figures

    def deal(self, given):
        return {name: self.cleaned(given.get(name), kind) for name, kind in self.card["deals"].items()}

    def cleaned(self, value, kind):
        return clean(value, kind, self.zone(), self.card.get("placeholders", ()))

    def figures_of(self, what, rows, types):
        for name, figure in self.card.get("figures", {}).items():
            if what in {figure.get("count"), figure.get("of")}:
                kept = [one for one in rows if self.is_counted(what, one, figure, types)]
                self.values[name], self.fields[name] = summary(figure, kept, types)

    def is_counted(self, what, one, figure, types):
        where = dict(figure.get("where", {}))
        if what == "deals":
            return self.did(where, one, types) is True
        for narrows in (figure, {name: where.pop(name) for name in ("within", "during") if name in where}):
            if "within" in narrows and self.age(one) >= span(narrows["within"]):
                return False
            if "during" in narrows and not self.is_during(one["occurred_at"], narrows["during"]):
                return False
        return self.did(where, one) is True

    def age(self, activity):
        return self.as_of - activity["occurred_at"]

    # conditions

    def holds(self, condition):
        return all_of([self.key(name, wanted) for name, wanted in condition.items()])

    def key(self, name, wanted):
        if name == "all":
            return all_of(self.holds(one) for one in wanted)
        if name == "any":
            return any_of(self.holds(one) for one in wanted)
        if name == "not":
            return not_of(self.holds(wanted))
        if name == "activities":
            return self.enough(wanted)
        if name == "unanswered":
            return self.unanswered(wanted)
        if name == "surge":
            return self.week >= wanted["points"] and self.week >= wanted["at_least"] * Fraction(self.before) / 3
        if name in COMPUTED:
            return self.test(self.computed[name], COMPUTED[name], wanted)
        return self.test(self.values[name], self.fields[name], wanted)

    def enough(self, wanted):
        condition = {
            name: one for name, one in wanted.items() if name not in {"within", "during", "at_least", "at_most"}
        }
        count = sum(
            self.did(condition, activity) is True
            and ("within" not in wanted or self.age(activity) < span(wanted["within"]))
            and ("during" not in wanted or self.is_during(activity["occurred_at"], wanted["during"]))
            for activity in self.activities
        )
        least = wanted.get("at_least", 0 if "at_most" in wanted else 1)
        return least <= count <= wanted.get("at_most", math.inf)

    def unanswered(self, wanted):
        def kinds(name):
            listed = wanted[name] if isinstance(wanted[name], list) else [wanted[name]]
            return [one for one in self.activities if fold(one["kind"]) in [fold(kind) for kind in listed]]

        asked = [one for one in kinds("kind") if "within" not in wanted or self.age(one) < span(wanted["within"])]
        return any(all(by["occurred_at"] < one["occurred_at"] for by in kinds("by")) for one in asked)

    def did(self, condition, one, types=ACTIVITY_TYPES):
        """Whether an activity, or a deal with fields of these types, meets a condition."""
        answers = []
        for name, wanted in condition.items():
            if name == "all":
                answers.append(all_of(self.did(inner, one, types) for inner in wanted))
            elif name == "any":
                answers.append(any_of(self.did(inner, one, types) for inner in wanted))
            elif name == "not":
                answers.append(not_of(self.did(wanted, one, types)))
            else:
                value = one.get(name)
                value = clean(value, types[name]) if types is ACTIVITY_TYPES else value
                answers.append(self.test(value, types[name], wanted))
        return all_of(answers)

    def test(self, value, kind, wanted):
        if isinstance(wanted, list):
            wanted = {"in": wanted}
        if not isinstance(wanted, dict):
            wanted = {"is": wanted}
        tests = {name: raw for name, raw in wanted.items() if name != "or_missing"}
        answer = all_of([self.operator(value, kind, name, self.referred(raw)) for name, raw in tests.items()])
        return True if answer is None and wanted.get("or_missing") else answer

    def referred(self, raw):
        """An operand, or the value of the field that it names."""
        if isinstance(raw, list):
            return [self.referred(one) for one in raw]
        return Of(self.values[raw["field"]]) if isinstance(raw, dict) else raw

    def operator(self, value, kind, name, raw):
        if name == "known":
            return (value is not None and value != []) == raw
        if value is None or any(isinstance(one, Of) and one.value is None for one in listed(raw)):
            return None
        if name == "is_not":
            return not self.operator(value, kind, "is", raw)
        if name == "not_in":
            return not self.operator(value, kind, "in", raw)
        if name == "in":
            return any(self.operator(value, kind, "is", one) for one in raw)
        if name == "within":
            return timedelta(0) <= self.as_of - value < span(raw)
        if name == "older_than":
            return self.as_of - value >= span(raw)
        if name == "within_next":
            return timedelta(0) <= value - self.as_of < span(raw)
        if name == "during":
            return self.is_during(value, raw)
        if kind == "grade":
            return self.grade_operator(value, name, raw)
        if kind == "stage":
            names = [stage["name"] for stage in self.card["readiness"]["stages"]]
            value, raw = (
                names.index(value),
                [names.index(one) for one in raw] if isinstance(raw, list) else names.index(raw),
            )
        if kind in LISTS:
            return self.list_operator(value, name, raw)
        return self.plain(
            value,
            name,
            [self.compared(one, kind) for one in raw]
            if isinstance(raw, list)
            else self.compared(raw, kind)
            if name != "matches"
            else raw,
        )

    def compared(self, raw, kind):
        return raw.value if isinstance(raw, Of) else operand(raw, kind, self.zone())

    def is_during(self, moment, wanted):
        which, name = wanted.split()
        return self.number(moment, name) == self.number(self.as_of, name) + {"last": -1, "this": 0, "next": 1}[which]

    def number(self, moment, name):
        """The number of the day, week, month, quarter or year in which a moment lies."""
        local = moment.astimezone(self.zone())
        month = local.year * 12 + local.month - 1 - self.year_starts()
        match name:
            case "day":
                return local.date().toordinal()
            case "week":
                return (local.date().toordinal() - 1) // 7
            case "month":
                return month
            case "quarter":
                return month // 3
        return month // 12

    def plain(self, value, name, wanted):
        match name:
            case "is":
                return value == wanted
            case "contains":
                return wanted in value
            case "contains_any":
                return any(one in value for one in wanted)
            case "starts_with":
                return value.startswith(wanted)
            case "ends_with":
                return value.endswith(wanted)
            case "matches":
                return re.search(wanted, value, re.IGNORECASE) is not None
            case "at_least":
                return value >= wanted
            case "at_most":
                return value <= wanted
            case "above":
                return value > wanted
            case "below":
                return value < wanted
            case "between":
                return wanted[0] <= value <= wanted[1]
        raise AssertionError(name)

    def list_operator(self, entries, name, raw):
        if name in {"is", "contains"}:
            return fold(raw) in entries
        if name == "contains_any":
            return any(fold(one) in entries for one in raw)
        return any(self.plain(entry, name, raw if name == "matches" else fold(raw)) for entry in entries)

    def grade_operator(self, letter, name, raw):
        """A smaller index is a better letter."""
        here = LETTERS.index(letter)
        meant = [
            LETTERS.index(one)
            for written in (raw if isinstance(raw, list) else [raw])
            for one in letters_meant(written)
        ]
        match name:
            case "is":
                return here in meant
            case "at_least":
                return here <= max(meant)
            case "at_most":
                return here >= min(meant)
            case "above":
                return here < min(meant)
            case "below":
                return here > max(meant)
            case "between":
                return min(meant) <= here <= max(meant)
        raise AssertionError(name)

    # points

    def begin(self):
        self.read_account()
        with self.inside(self.card):
            self.score()
            self.grade()
            self.readiness()

    def finish(self):
        self.read_account()
        with self.inside(self.card):
            self.priority()
            self.show()
        self.stand()

    @contextmanager
    def inside(self, place):
        """See only what is later than the resets of a place, beside those of the places around it."""
        around = self.activities
        moments = [moment for reset in place.get("reset", []) if (moment := self.moment(reset)) is not None]
        self.activities = [one for one in around if all(one["occurred_at"] > moment for moment in moments)]
        yield
        self.activities = around

    def moment(self, reset):
        if "activity" in reset:
            matching = [one["occurred_at"] for one in self.whole if self.did(reset["activity"], one) is True]
            return max(matching, default=None)
        since = self.values[reset["since"]]
        return since if since is not None and since <= self.as_of else None

    def rests(self):
        """(until, the reset), of the rest that ends last; None for a lead that does not rest."""
        found = []
        for reset in self.card.get("reset", []):
            moment = self.moment(reset)
            if "rest" in reset and moment is not None and self.as_of - moment < span(reset["rest"]):
                found.append((moment + span(reset["rest"]), reset))
        return max(found, key=lambda one: one[0], default=None)

    def score(self):
        score = self.card.get("score")
        self.status, self.exact = "scored", {}
        self.items = []
        if score is None:
            return
        total, items = 0, []
        for part in ("fit", "engagement"):
            if part not in score:
                continue
            of_section = self.directly(part)
            section = sum(item.points for item in of_section)
            with self.inside(score[part]):
                for group in score[part].get("groups", []):
                    with self.inside(group):
                        points, of_group = self.group(part, group)
                    section += points
                    of_section += of_group
            exact = self.cut(part, part, score[part], section, of_section)
            items += of_section
            total += exact
            self.computed[part] = half_away(exact)
        total = self.cut("total", "score", score, total, items)
        self.computed["score"] = half_away(total)
        self.line("total", "rounding", "Rounding", self.computed["score"] - total)
        self.items = items

    def directly(self, _part):
        """What stands in a section itself, before its groups: of a lead, nothing."""
        return []

    def group(self, part, group):
        """The points of a group after its cut, and what they are made of."""
        points, items = 0, []
        opens = self.opens(group)
        given = [self.rule(with_decay(group, rule), opens) for rule in group["rules"]]
        for rule, (name, got, count, latest) in zip(group["rules"], awarded(group, given), strict=True):
            points += got
            self.line(part, "rule", rule["name"], got, count, latest)
            if got:
                items.append(Item(name, Fraction(got), count, latest, part, rule))
        return (self.cut(part, group["name"], group, points, items) if opens else 0), items

    def opens(self, place):
        return "when" not in place or self.holds(place["when"]) is True

    def zone(self):
        calendar = self.card.get("calendar", "UTC")
        return ZoneInfo(calendar["zone"] if isinstance(calendar, dict) else calendar)

    def year_starts(self):
        calendar = self.card.get("calendar", "UTC")
        return MONTHS.index(calendar["year_starts"]) if isinstance(calendar, dict) else 0

    def line(self, part, kind, name, points, count=None, latest=None):
        if abs(points) > 1e-9 or (kind == "rule" and points):
            self.lines.append((part, kind, name, points, count, latest))

    def cut(self, part, name, limits, total, items):
        kept = total
        if limits.get("minimum") is not None:
            kept = max(kept, limits["minimum"])
        if limits.get("maximum") is not None:
            kept = min(kept, limits["maximum"])
        self.line(part, "limit", name, kept - total)
        spread(items, Fraction(kept) - Fraction(total), name)
        return kept

    def rule(self, rule, opens):
        """What the reason calls the rule, its points, and which activities made them."""
        with self.inside(rule):
            return self.given(rule, opens)

    def given(self, rule, opens):
        name = rule["name"]
        if not (opens and self.opens(rule)):
            return name, 0, None, None
        if "lead" in rule:
            return name, self.lead_rule(rule), None, None
        if "number" in rule:
            return name, self.number_rule(rule), None, None
        if "table" in rule:
            points, name = self.table_rule(rule)
            return name, points, None, None
        return name, *self.activity_rule(rule)

    def lead_rule(self, rule):
        if self.holds(rule["lead"]) is not True:
            return 0
        if "since" not in rule:
            return rule["points"]
        since = self.values[rule["since"]]
        return 0 if since is None else rule["points"] * decay(rule, max(timedelta(0), self.as_of - since))

    def measure(self, source):
        """The value of a field and its type, or the days since or until a time."""
        if not isinstance(source, dict):
            return self.values[source], self.fields[source]
        ((way, name),) = source.items()
        if self.values[name] is None:
            return None, "number"
        days = (self.as_of - self.values[name]) / timedelta(days=1)
        return (days if way == "days_since" else -days), "number"

    def table_rule(self, rule):
        """The points, and what the reason calls them."""
        (value, kind), name = self.measure(rule["table"]), rule["name"]
        if value is None:
            return rule.get("missing", 0), f"{name}: unknown"
        written = range_of(value, rule["points"]) if kind == "number" else equal_to(value, kind, rule["points"])
        if written is None:
            return rule.get("otherwise", 0), f"{name}: other"
        shown = {True: "yes", False: "no"}[written] if kind == "flag" else str(written)
        if shown.isupper() and "_" in shown:
            shown = shown.replace("_", " ").capitalize()
        return rule["points"][written], shown if kind == "text" else f"{name}: {shown}"

    def number_rule(self, rule):
        value, _ = self.measure(rule["number"])
        if value is None:
            return rule.get("missing", 0)
        points, most = rule["points"], rule["maximum"]
        x = max(0, value - points.get("from", 0)) / points["per"]
        shaped = {"even": x, "root": math.sqrt(x), "log": math.log2(1 + x)}[points.get("shape", "even")]
        return max(-most, min(most, points["give"] * shaped if points["give"] else 0))

    def activity_rule(self, rule):
        left = [one for one in self.activities if self.did(rule["activity"], one) is True]
        if "within" in rule:
            left = [one for one in left if self.age(one) < span(rule["within"])]
        if "during" in rule:
            left = [one for one in left if self.is_during(one["occurred_at"], rule["during"])]
        left.sort(key=lambda one: one["occurred_at"], reverse=True)
        if "limit" in rule:
            left = self.limited(left, rule["limit"])
        if isinstance(rule["points"], dict):
            return self.count_table(rule, left)
        if len(left) < rule.get("at_least", 1):
            left = []
        if rule.get("award") == "once":
            left = left[:1]
        self.surges(rule["points"], left)
        points = sum(rule["points"] * decay(rule, self.age(one)) for one in left)
        if "maximum" in rule:
            points = max(-rule["maximum"], min(rule["maximum"], points))
        return points, len(left), left[0]["occurred_at"] if left else None

    def surges(self, points, counted):
        if points > 0:
            self.week += sum(Fraction(points) for one in counted if self.age(one) < timedelta(days=7))
            self.before += sum(
                Fraction(points) for one in counted if timedelta(days=7) <= self.age(one) < timedelta(days=28)
            )

    def count_table(self, rule, left):
        """The points are for how many there are, and fade with the latest."""
        written = range_of(len(left), rule["points"])
        if written is None:
            return 0, len(left), left[0]["occurred_at"] if left else None
        self.surges(rule["points"][written], left[:1])
        points = rule["points"][written] * decay(rule, self.age(left[0]))
        if "maximum" in rule:
            points = max(-rule["maximum"], min(rule["maximum"], points))
        return points, len(left), left[0]["occurred_at"]

    def limited(self, latest_first, limit):
        number, of, period = re.fullmatch(r"(\d+)(?: per (name|url))?(?: per (\w+))?(?: ever)?", limit).groups()
        taken, left = {}, []
        for one in latest_first:
            key = self.period(one, period or "ever"), fold(one.get(of)) if of else None
            taken[key] = taken.get(key, 0) + 1
            left += [one] if taken[key] <= int(number) else []
        return left

    def period(self, activity, name):
        if re.fullmatch(r"[\d.]+\s*[hdw]", name):
            return self.age(activity) // span(name)
        return 0 if name == "ever" else self.number(activity["occurred_at"], name)

    # grade

    def grade(self):
        grade = self.card.get("grade")
        self.percent = self.coverage = self.worst = self.best = None
        self.missing, self.disqualifiers = [], []
        self.computed["grade"] = None
        if grade is None:
            return
        profile = next(
            (one for one in grade["profiles"] if "applies" not in one or self.holds(one["applies"]) is True), None
        )
        if profile:
            self.judge(grade, profile)
        self.disqualifiers = self.disqualified(grade.get("disqualified", []))
        if self.disqualifiers:
            self.status = "disqualified"
            self.computed["grade"] = self.worst = self.best = "F"

    def disqualified(self, given):
        listed = given if isinstance(given, list) else [{"name": "", "when": given}]
        return [one["name"] for one in listed if self.holds(one["when"]) is True]

    def judge(self, grade, profile):
        known = everything = got = least = most = Fraction(0)
        unknown = []
        for criterion in profile["criteria"]:
            weight = Fraction(criterion["weight"])
            match = self.holds(criterion["match"])
            partial = self.holds(criterion["partial"]) if "partial" in criterion else False
            everything += weight
            if match is True or partial is True or (match is False and partial is False):
                value = Fraction(1) if match is True else Fraction(1, 2) if partial is True else Fraction(0)
                known, got, least, most = (
                    known + weight,
                    got + weight * value,
                    least + weight * value,
                    most + weight * value,
                )
            else:
                unknown.append(criterion)
                most += weight * (1 if match is None else Fraction(1, 2))
        counted = everything if grade.get("missing") == "mismatch" else known
        self.coverage = known / everything
        self.percent = round(float(100 * got / counted), 6) if counted else None
        self.worst, self.best = (self.letter(round(float(100 * one / everything), 6)) for one in (least, most))
        self.missing = [one["name"] for one in sorted(unknown, key=lambda one: -one["weight"])]
        needed = grade.get("minimum_known", "0%")
        if self.percent is None or self.coverage < Fraction(needed.rstrip("%")) / 100:
            self.status = "insufficient data"
        else:
            self.computed["grade"] = self.letter(self.percent)

    def letter(self, percent):
        bands = self.card["grade"].get("bands", DEFAULT_BANDS)
        return next(letter for letter in LETTERS if letter in bands and bands[letter] <= percent)

    # readiness and priority

    def readiness(self):
        readiness = self.card.get("readiness")
        self.computed["stage"] = self.computed["urgency"] = None
        if readiness is None:
            return
        names = [stage["name"] for stage in readiness["stages"]]
        stage, computed_at = self.previous if isinstance(self.previous, tuple) else (self.previous, None)
        resets = [moment for one in self.card.get("reset", []) if (moment := self.moment(one)) is not None]
        anew = computed_at is not None and any(computed_at <= moment for moment in resets)
        before = names.index(stage) if stage in names and not anew else -1
        reached = names[0]
        for number, stage in enumerate(readiness["stages"]):
            rises = "when" in stage and self.holds(stage["when"]) is True
            stays = "keep" in stage and before >= number and self.holds(stage["keep"]) is True
            reached = stage["name"] if rises or stays else reached
        self.computed["stage"] = reached
        urgency = (one["is"] for one in readiness.get("urgency", []) if self.holds(one["when"]) is True)
        self.computed["urgency"] = next(urgency, "none")

    def priority(self):
        priority = self.card.get("priority")
        self.band = self.index = None
        if priority is None:
            return
        letter = (self.computed["grade"] or "?")[0]
        first = (one["is"] for one in priority.get("first", []) if self.holds(one["when"]) is True)
        self.band = next(first, None if self.rests() else priority["matrix"][self.computed["stage"]][letter])
        if self.status == "disqualified":
            self.band = None
        self.index = self.weighed(priority.get("balance", {"fit": 1, "engagement": 1, "readiness": 1}))
        if "experiment" in priority and self.index is not None and self.computed["urgency"] != "now":
            self.index = self.by_chance(priority["experiment"])

    def by_chance(self, experiment):
        """The index of the experiment, if the lead is in it: its id is hashed with the experiment's name."""
        said = f"{experiment.get('name', 'order')}\0{self.given_lead.get('lead') or self.given_lead['account']}"
        number = int(hashlib.blake2b(said.encode(), digest_size=16).hexdigest(), 16)
        share, place = divmod(number, 2**64)
        inside = Fraction(share >> 11, 2**53) < Fraction(float(experiment["share"].rstrip("%")) / 100)
        return (place >> 32) * 101 >> 32 if inside else self.index

    def weighed(self, balance):
        stages = self.card["readiness"]["stages"]
        place = [stage["name"] for stage in stages].index(self.computed["stage"])
        parts = {
            "fit": self.share("fit") if self.percent is None else Fraction(str(self.percent)),
            "engagement": self.share("engagement"),
        }
        if len(stages) > 1:
            told = stages[place].get("index")
            parts["readiness"] = Fraction(100 * place, len(stages) - 1) if told is None else Fraction(str(told))
        there = {name: max(0, min(100, parts[name])) for name in balance if parts.get(name) is not None}
        weights = sum(Fraction(balance[name]) for name in there)
        return half_away(sum(balance[name] * part for name, part in there.items()) / weights) if weights else None

    def share(self, part):
        maximum = self.card.get("score", {}).get(part, {}).get("maximum")
        return Fraction(100 * self.computed[part]) / Fraction(maximum) if maximum and maximum > 0 else None

    # what is shown

    def show(self):
        """Numbers are emptied and zeroed after everything is computed."""
        self.shown = {part: self.computed.get(part) for part in ("score", "fit", "engagement")}
        before = ["Disqualified: " + ", ".join(self.disqualifiers) if any(self.disqualifiers) else "Disqualified"]
        items = whole(self.items, self.computed["score"]) if "score" in self.card else []
        self.why_now = self.why(self.items) if "score" in self.card else None
        if self.status != "disqualified":
            before = []
            if self.rests() and self.band is None:
                self.status, before = "resting", [self.resting()]
        if before:
            self.why_now = before[0]
        if self.status == "disqualified" and self.zeroed():
            self.line("total", "disqualified", "Disqualified", -self.shown["score"])
            self.shown["score"], items = 0, []
        if self.empty():
            self.shown = dict.fromkeys(self.shown)
            self.index, self.lines, before, items = None, [], ["Too little is known"], []
            self.why_now = before[0]
        if self.band is None:
            self.index = None
        self.reasons = fitting(before, items, self.zone()) if "score" in self.card else None
        self.why_now = self.why_now if "score" in self.card else None

    def resting(self):
        until, reset = self.rests()
        day = until.astimezone(self.zone())
        given = str((self.written(reset["reason"]) if "reason" in reset else None) or "").strip()
        return f"Resting until {day.day} {day:%b %Y}: {reset['name']}" + (f" ({given})" if given else "")

    # what was computed last

    def stand(self):
        self.since = self.rose_at = self.expires_at = self.next_step = self.trend = None
        if self.state is not None and "score" in self.card and self.shown["score"] is not None:
            self.trend = None if self.status == "disqualified" else self.against_last_week()
        if self.state is None or "priority" not in self.card:
            return
        state, now = self.state, self.as_of.replace(microsecond=0)
        known = "card" in state
        moved = not known or state["priority"] != self.band
        self.rose_at = state.get("rose_at")
        rises = self.level(self.band) < self.level(state.get("priority"))
        if state["own"] and rises and (not known or state["card"] == "same"):
            self.rose_at = now
        if self.band is not None:
            self.since = now if moved else state["since"]
        if self.level(self.band) < len(self.names()):
            past = state.get("expires_at") is not None and state["expires_at"] <= now
            fresh = moved or state["own"] or state["card"] != "same" or past
            self.expires_at = self.falls_at() if fresh else state["expires_at"]
        self.next_step = self.step()

    def against_last_week(self):
        before, now = self.score_at(self.as_of - timedelta(days=7)), self.computed["score"]
        return "rising" if now - before >= 5 else "falling" if before - now >= 5 else "steady"

    def score_at(self, then):
        """The score at an earlier time; `earlier` scores all leads of the account, and the account."""
        if self.earlier is not None:
            return self.earlier(then)[0][self.given_lead["lead"]].computed["score"]
        until = [one for one in self.activities if one["occurred_at"] <= then]
        return Lead(self.card, self.given_lead, until, then).computed["score"]

    def falls_at(self):
        """The first midnight at which the priority is lower; sought after 1, 2, 4 ... days, then by halving."""
        held = 0
        for days in (1, 2, 4, 8, 16, 32, 64, 90):
            if self.falls(days):
                return self.midnight(self.between(held, days))
            held = days
        return None

    def between(self, held, fallen):
        while fallen - held > 1:
            middle = (held + fallen) // 2
            held, fallen = (held, middle) if self.falls(middle) else (middle, fallen)
        return fallen

    def midnight(self, days):
        today = self.as_of.astimezone(self.zone()).replace(tzinfo=None, fold=0)
        return datetime(today.year, today.month, today.day, tzinfo=self.zone()) + timedelta(days=days)

    def falls(self, days):
        return self.level(self.band_at(self.midnight(days).astimezone(UTC))) > self.level(self.band)

    def band_at(self, then):
        """The priority at a later time, if nothing happens; the account stays as it is now."""
        stood = self.computed["stage"], self.as_of
        return Lead(self.card, self.given_lead, self.whole, then, stood, account=self.account).band

    def names(self):
        """The priorities best first, each with its sentence or None."""
        given = self.card["priority"].get("names", ["P1", "P2", "P3", "P4"])
        if isinstance(given, dict):
            return dict(given)
        return {name: text for one in given for name, text in (one if isinstance(one, dict) else {one: None}).items()}

    def level(self, priority):
        names = list(self.names())
        return names.index(priority) + 1 if priority in names else len(names)

    def step(self):
        if self.band is None:
            return None
        sentence = self.names()[self.band]
        if self.level(self.band) == len(self.names()):
            return sentence or "Leave to marketing"
        touch, message = self.latest_of(TOUCHES), self.latest_of(THEIRS)
        act, told = "Call", []
        if touch is not None and (message is None or touch >= message):
            kinds = [fold(one["kind"]) for one in self.activities if one["occurred_at"] == touch]
            kind = next(kind for kind in TOUCHES if kind in kinds)
            act = "Follow up" if kind in ("meeting", "call", "sales_email") else "Call again"
            told = [f"{TOUCHES[kind]} on {self.day(touch)}"]
        if self.card.get("deals", {}).get("open") == "flag":
            told += ["deal open"] if any(deal.get("open") is True for deal in self.given_lead.get("deals", [])) else []
        if self.computed["urgency"] == "now":
            act += " now"
        elif self.expires_at:
            act += f" by {self.day(self.expires_at.astimezone(UTC) - timedelta(microseconds=1))}"
        if act.startswith("Follow up") and self.as_of - touch < timedelta(days=3):
            act = f"Wait for an answer until {self.day(touch + timedelta(days=3))}"
        ask = " and ".join(
            name[:1].lower() + name[1:] if name.split(" ")[0][1:].islower() else name for name in self.missing[:2]
        )
        text = " · ".join(
            [sentence or act, *(["; ".join(told)] if told else []), *([f"ask about {ask}"] if ask else [])]
        )
        return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"

    def latest_of(self, kinds):
        return max((one["occurred_at"] for one in self.activities if fold(one["kind"]) in kinds), default=None)

    # in words

    def why(self, items):
        """The strongest thing that the lead did, and up to three values that say who it is."""
        ranked = sorted(items, key=lambda one: -round(one.points, 9))
        strongest = [one for one in ranked if one.rule and round(one.points, 9) > 0 and round(one.line, 9) >= 0.5]
        did = [item for item in strongest if "activity" in item.rule]
        who = [item for item in strongest if "activity" not in item.rule and item.part == "fit"]
        parts = [self.doing(did[0])] if did else []
        parts += [", ".join(dict.fromkeys(self.value(item) for item in who[:3]))] if who else []
        text = " · ".join(parts)
        return (text if len(text) <= LONGEST else text[: LONGEST - 1] + "…") or None

    def doing(self, item):
        alike = [
            (fold(one["kind"]) or "", one.get("name") is not None, one.get("name") or "")
            for one in self.activities
            if one["occurred_at"] == item.latest and self.did(item.rule["activity"], one) is True
        ]
        kind, _, name = min(alike)
        name = plain_words(name)
        name = name if len(name) <= 60 else name[:59] + "…"
        return f"{SAID.get(kind, item.rule['name'])} on {self.day(item.latest)}" + (f" ({name})" if name else "")

    def day(self, moment):
        day, now = moment.astimezone(self.zone()), self.as_of.astimezone(self.zone())
        return f"{day.day} {day:%b}" + ("" if day.year == now.year else f" {day.year}")

    def value(self, item):
        """A value of a text or number field, where a rule looks at exactly one field; else the name in reasons."""
        fields = looked_at(item.rule["lead"]) if "lead" in item.rule else [measured(item.rule)]
        kind = self.fields.get(fields[0]) if len(fields) == 1 else None
        given = self.written(fields[0]) if kind in {"text", "number"} else None
        if kind == "text" and given is not None and given.strip():
            return plain_words(given)
        if kind == "number" and given is not None and not math.isnan(given):
            name, number = fields[0].removeprefix("account.").replace("_", " "), f"{given:,.0f}"
            if abs(given) < 1000:
                number = f"{given:.2f}".rstrip("0").rstrip(".")
            return f"{number} {name}" if name.endswith("s") else f"{name} {number}"
        return item.name

    def written(self, name):
        """A value as it is given; a figure's as it is computed, but none of an account's figure."""
        if name.startswith("account.") and name.removeprefix("account.") in self.card["accounts"].get("figures", {}):
            return None
        if name.startswith("account."):
            return self.account.written(name.removeprefix("account.")) if self.account else None
        if name in self.card.get("figures", {}) or self.values[name] is None:
            return self.values[name]
        return self.given_lead.get(name)

    def zeroed(self):
        zero = self.card["grade"].get("disqualified_score", "kept") == "zero"
        return zero and (self.computed.get("score") or 0) > 0

    def empty(self):
        unknown = "grade" in self.card and self.computed["grade"] is None
        return unknown and not any(kind in {"rule", "person", "coverage"} for _, kind, *_ in self.lines)


class Item:
    """What one line contributes to the score once limits have been shared over the lines."""

    def __init__(self, name, points, count=None, latest=None, part=None, rule=None):
        self.name, self.line, self.points = name, points, points
        self.count, self.latest, self.part, self.rule = count, latest, part, rule


TOUCHES = {
    "meeting": "met",
    "call": "called",
    "sales_email": "wrote",
    "no_show": "no-show",
    "call_attempt": "tried to call",
}
THEIRS = [
    "email_reply",
    "chat",
    "form_submit",
    "content_download",
    "webinar_register",
    "event_register",
    "newsletter_signup",
    "survey",
    "demo_request",
    "pricing_request",
    "contact_request",
    "trial_start",
    "support_request",
]


SAID = {
    "demo_request": "Asked for a demo",
    "pricing_request": "Asked for a price",
    "contact_request": "Asked to be contacted",
    "trial_start": "Started a trial",
    "chat": "Used the chat",
    "email_reply": "Replied to an email",
    "content_download": "Downloaded content",
    "webinar_register": "Registered for a webinar",
    "webinar_attend": "Attended a webinar",
    "event_register": "Registered for an event",
    "event_attend": "Attended an event",
    "call": "Had a call",
    "meeting": "Had a meeting",
    "support_request": "Asked for support",
    "newsletter_signup": "Subscribed to a newsletter",
}


def plain_words(text):
    flat = " ".join(text.split())
    return flat.replace("_", " ").capitalize() if flat.isupper() and "_" in flat else flat


def looked_at(condition):
    """The fields that a condition looks at; anything else that it looks at counts as a field without a type."""
    found = {}
    for name, inner in condition.items():
        if name in {"all", "any"}:
            for one in inner:
                found |= dict.fromkeys(looked_at(one))
        elif name == "not":
            found |= dict.fromkeys(looked_at(inner))
        else:
            found[name] = None
    return list(found)


def spread(items, difference, place):
    """A cut takes from the positive items in proportion, a lift gives back to the negative ones."""
    if not difference:
        return
    against = -1 if difference > 0 else 1
    there = sum((item.points for item in items if item.points * against > 0), Fraction(0))
    left = max(0, 1 - abs(difference) / abs(there)) if there else 0
    for item in items:
        if item.points * against > 0:
            item.points *= left
    if abs(difference) > abs(there):
        items.append(Item(place, difference + there))


def whole(items, score):
    """(item, whole points), which add up to the score: largest remainder."""
    parts = [divmod(round(item.points * 10**9), 10**9) for item in items]
    more = score - sum(points for points, _ in parts)
    first = sorted(range(len(items)), key=lambda place: -parts[place][1])[: max(0, more)]
    assert more == len(first)
    return [(item, parts[place][0] + (place in first)) for place, item in enumerate(items)]


LONGEST = 255


def fitting(before, shares, zone):
    """The five largest and the sum of the others, or as many as fit."""
    shown = sorted([one for one in shares if one[1]], key=lambda one: -abs(one[1]))
    for size in (5, 4, 3, 2, 1):
        others = sum(points for _, points in shown[size:])
        lines = [said(item, points, zone) for item, points in shown[:size]]
        end = [f"{signed(others)} others"] if others else []
        text = " · ".join([*before, *lines, *end])
        if len(text) <= LONGEST:
            return text
    rest = "".join(f" · {one}" for one in end)
    return " · ".join([*before, *lines])[: LONGEST - 1 - len(rest)] + "…" + rest


def signed(points):
    return f"{'−' if points < 0 else '+'}{abs(points)}"


def said(item, points, zone):
    facts = [f"{item.count}×"] if (item.count or 0) > 1 else []
    if abs(item.line - item.points) >= Fraction(1, 2) - Fraction(1, 10**9):
        facts.append(f"of {half_away(abs(item.line))}")
    if item.latest:
        day = item.latest.astimezone(zone)
        facts.append(f"{'last ' if item.count > 1 else ''}{day.day} {day:%b %Y}")
    told = f" ({', '.join(facts)})" if facts else ""
    return f"{signed(points)} {item.name}{told}"


def half_away(number):
    settled = round(Fraction(number), 9)
    return int(math.copysign(math.floor(abs(settled) + Fraction(1, 2)), settled)) if settled else 0


def with_decay(group, rule):
    """A rule that can fade and says nothing of it fades as its group."""
    ways = {"half_life", "lifespan", "steps"}
    can = "activity" in rule or "since" in rule
    return {**{way: group[way] for way in ways & set(group)}, **rule} if can and not ways & set(rule) else rule


def measured(rule):
    """The field that a table or number rule looks at."""
    source = rule["table"] if "table" in rule else rule["number"]
    return next(iter(source.values())) if isinstance(source, dict) else source


def awarded(group, given):
    """The best or the worst leaves one of the rules that gave points."""
    if group.get("award", "all") == "all":
        return given
    sign = 1 if group["award"] == "best" else -1
    gave = [number for number, one in enumerate(given) if one[1]]
    kept = max(gave, key=lambda number: sign * given[number][1], default=None)
    return [one if number == kept else (one[0], 0, None, None) for number, one in enumerate(given)]


def range_of(value, table):
    """The range that a number belongs to: that of the greatest start, if it ends there or later."""
    begun = [(range_, start, end, open_) for range_, (start, end, open_) in ranges(table) if start <= value]
    if not begun:
        return None
    range_, _, end, open_ = max(begun, key=lambda one: one[1])
    return range_ if value < end or (value == end and not open_) else None


def ranges(table):
    number = r"-?\d+(?:\.\d+)?"
    for written in table:
        text = str(written)
        if found := re.fullmatch(f"({number})[-–]({number})", text):
            yield written, (float(found[1]), float(found[2]), False)
        elif found := re.fullmatch(f"({number})\\+", text):
            yield written, (float(found[1]), math.inf, False)
        elif found := re.fullmatch(f"below ({number})", text):
            yield written, (-math.inf, float(found[1]), True)
        else:
            yield written, (float(text), float(text), False)


def equal_to(value, kind, table):
    return next((written for written in table if operand(written, kind) == value), None)


def decay(rule, age):
    if "half_life" in rule:
        return 2 ** (-(age / span(rule["half_life"])))
    if "lifespan" in rule:
        return max(0, 1 - age / span(rule["lifespan"]))
    if "steps" in rule:
        return max(0, 1 - float(rule["steps"]["lose"].rstrip("%")) / 100 * (age // span(rule["steps"]["every"])))
    return 1
