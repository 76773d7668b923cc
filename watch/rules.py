"""Rules that never fire, always fire, or point the wrong way, on a stable sample of the leads."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from scoring import Scorecard
from scoring.card.walking import fields_of
from watch.sample import Sample
from watch.statistics import deviations, difference, wilson
from watch.tables import NOTHING, RECORDS, Column, Finding, Section, Table, Told, key, said

NAME: Final = "rules"
ALWAYS: Final = 0.98
"""From which share of the leads on a rule fires always: it moves all scores and no order."""
FEWEST: Final = 30
"""With fewer leads that a rule fired for, or fewer that it did not, nothing is said of its direction."""
NAMED: Final = 6
"""How many rules a finding names."""
_COLUMNS: Final = (
    Column("part", "Section"),
    Column("rule", "Rule"),
    Column("fired", "Fires for", "count", records="fired"),
    Column("share", "Share", "share", bounds=("low", "high")),
    Column("points", "Points on average", "number"),
    Column("with", "Converted with it", "share"),
    Column("without", "Without it", "share"),
    Column("verdict", "Verdict"),
)


@dataclass(frozen=True, slots=True)
class Known:
    """A rule of the card: its section, its name, and the names of what it uses whose past is not read."""

    part: str
    name: str
    unread: tuple[str, ...]


def rules_of(card: Scorecard, replayable: Collection[str]) -> list[Known]:
    """Return the rules of a card, each name once in its section."""
    found: dict[tuple[str, str], set[str]] = {}
    for part, section in card.sections.items():
        for rule in section.direct:
            found.setdefault((part, rule.name), set()).update(fields_of(rule))
        for group in section.groups:
            opening = {name for one in group.opening.values() for name in one.named_fields}
            for rule in group.faded:
                found.setdefault((part, rule.name), set()).update(fields_of(rule), opening)
    return [Known(part, name, tuple(sorted(used - set(replayable)))) for (part, name), used in found.items()]


def told(sample: Sample) -> Told:
    """Return the section."""
    known = rules_of(sample.ground.active.card, sample.replayable)
    rows = judged(known, sample.lines_now, sample.leads.height, sample.lines_then, sample.people_then)
    section = Section(
        NAME, "Do the rules still say something?", list(_said(sample, rows)), [_table(rows)] if rows else ()
    )
    return Told(section, list(findings(rows, sample.leads.height)))


def _table(rows: Sequence[Mapping[str, Any]]) -> Table:
    return Table("rules", "Every rule", _COLUMNS, rows, folded=True)


def _said(sample: Sample, rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    leads = f"{sample.leads.height:,} leads"
    yield (
        "All leads were scored."
        if sample.everybody
        else (
            f"A stable sample of {leads} was scored: those whose ids hash to {len(sample.buckets)} of 256 buckets, the"
            " same each time."
        )
    )
    yield (
        f"For the direction they were scored as of {said(sample.then, 'day')}, with what was known then, and counted by"
        f" what came since: {sample.people_then['came'].sum():,} of {sample.people_then.height:,} converted."
    )
    if any(one["unread"] for one in rows):
        names = sorted({name for one in rows for name in one["unread"]})
        listed = ", ".join(f"`{name}`" for name in names[:NAMED]) + (" and others" if len(names) > NAMED else "")
        yield (
            f"The direction of rules on {listed} is not judged: what these were then is not read, and today's values"
            " may follow from the outcome. `history: true` reads the past of lead fields."
        )


def judged(
    known: Sequence[Known], now: pl.DataFrame, leads: int, then: pl.DataFrame, people: pl.DataFrame
) -> list[dict[str, Any]]:
    """Return what each rule does: for how many leads it fires now, and who converted with it and without it."""
    firing, past = _firing(now), _counted(then, people)
    whole = (int(people["came"].sum()), people.height)
    comparisons = sum(1 for one in known if _enough(past.get((one.part, one.name)), whole))
    reach = deviations(comparisons)
    return [_row(one, firing, leads, past, whole, reach) for one in known]


def _firing(lines: pl.DataFrame) -> dict[tuple[str, str], tuple[int, float]]:
    """Return for how many leads each rule fires, and the mean of the points that it gives them."""
    found = lines.group_by("part", "name").agg(pl.col("lead").n_unique(), pl.col("points").sum())
    return {(part, name): (fired, points / fired) for part, name, fired, points in found.iter_rows()}


def _counted(lines: pl.DataFrame, people: pl.DataFrame) -> dict[tuple[str, str], tuple[int, int]]:
    """Return `(came, of)` of the leads that each rule fired for."""
    once = lines.select("lead", "part", "name").unique().join(people, on="lead")
    found = once.group_by("part", "name").agg(pl.col("came").sum(), of=pl.len())
    return {(part, name): (came, of) for part, name, came, of in found.iter_rows()}


def _enough(fired: tuple[int, int] | None, whole: tuple[int, int]) -> bool:
    return fired is not None and min(fired[1], whole[1] - fired[1]) >= FEWEST


def _row(
    one: Known,
    firing: Mapping[tuple[str, str], tuple[int, float]],
    leads: int,
    past: Mapping[tuple[str, str], tuple[int, int]],
    whole: tuple[int, int],
    reach: float,
) -> dict[str, Any]:
    place = (one.part, one.name)
    fired, points = firing.get(place, (0, None))
    had = past.get(place, (0, 0))
    rest = (whole[0] - had[0], whole[1] - had[1])
    low, high = wilson(fired, leads)
    counts = {"part": one.part, "rule": one.name, "fired": fired, "share": fired / leads if leads else None}
    compared = _enough(past.get(place), whole) and not one.unread
    more, most = difference(had, rest, reach) if compared else (-1.0, 1.0)
    return {
        **counts,
        "low": low,
        "high": high,
        "points": points,
        "with": had[0] / had[1] if compared else None,
        "without": rest[0] / rest[1] if compared else None,
        "difference": [more, most] if compared else None,
        "unread": list(one.unread),
        "verdict": _verdict(fired, leads, points, more, most),
        RECORDS: key(NAME, one.part, one.name),
    }


def _verdict(fired: int, leads: int, points: float | None, more: float, most: float) -> str:
    if not fired:
        return "never"
    if fired >= ALWAYS * leads:
        return "always"
    if points is not None and ((points > 0 and most < 0) or (points < 0 and more > 0)):
        return "wrong way"
    return NOTHING


def findings(rows: Sequence[Mapping[str, Any]], leads: int) -> Iterator[Finding]:
    """Yield the rules that never or always fire, together, and each that points the wrong way."""
    if leads < FEWEST:
        return
    never, always = ([one for one in rows if one["verdict"] == verdict] for verdict in ("never", "always"))
    if never:
        most = wilson(0, leads)[1]
        yield Finding(
            "rules_never",
            f"{_counted_said(never, rows)} fired for none of {leads:,} leads (for less than {100 * most:.2g} %):"
            f" {_names(never)}.",
            "Correct their conditions, since a field, a URL or a kind of activity may have another name by now"
            " (`leadgauge check` names unknown values); else take them out.",
            NAME,
            len(never),
        )
    if always:
        yield Finding(
            "rules_always",
            f"{_counted_said(always, rows)} fired for nearly all of {leads:,} leads: {_names(always)}.",
            "They lift every score and change no order: narrow them, or take them out.",
            NAME,
            len(always),
        )
    yield from map(_wrong, (one for one in rows if one["verdict"] == "wrong way"))


def _counted_said(some: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]) -> str:
    return f"{len(some)} of {len(rows)} rules" if len(some) > 1 else f"1 of {len(rows)} rules"


def _names(some: Sequence[Mapping[str, Any]]) -> str:
    rest = f" and {len(some) - NAMED} more" if len(some) > NAMED else ""
    return ", ".join(str(one["rule"]) for one in some[:NAMED]) + rest


def _wrong(one: Mapping[str, Any]) -> Finding:
    gives, than = ("gives", "less") if one["points"] > 0 else ("takes", "more")
    return Finding(
        "rules_wrong_way",
        f"{one['rule']} {gives} points ({one['points']:+.1f} on average), and leads with it convert {than} often than"
        f" leads without it: {said(one['with'], 'share')} against {said(one['without'], 'share')}.",
        "What goes with it may explain that: `leadgauge calibrate` judges it beside the other rules. If it agrees, turn"
        " the points around or take the rule out.",
        NAME,
        one["fired"],
        f"{one[RECORDS]}/fired",
    )


def records(sample: Sample, part: str, name: str, which: str = "fired") -> pl.DataFrame:
    """Return the sampled leads that a rule fires for, with the points that it gives them."""
    if which != "fired" or (part, name) not in {
        (one.part, one.name) for one in rules_of(sample.ground.active.card, ())
    }:
        raise KeyError(name)
    rows = sample.lines_now.filter(part=part, name=name)
    return rows.select("lead", at=pl.lit(sample.ground.as_of), what=pl.format("{} points", pl.col("points").round(2)))
