"""Scores the same leads as an analyst would: by SQL in DuckDB, by pandas, by a plain loop; and by leadgauge.

    python -m bench.analysts [--leads 100000]

SQL and pandas compute the score alone (fit and engagement with decay, windows, limits and maxima, from Parquet); the
loop and leadgauge compute grade, readiness, priority and reasons besides. All must agree on the score of every lead.
The loop scores each twentieth lead, and the CPU time of scoring is multiplied by that. Besides, Odoo's method says of
the same leads how likely they are won, from their fields alone. Each runs in a process of its own.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl

from bench.cards import scorecard
from bench.contenders import common
from bench.data import AS_OF, write_activities, write_leads
from bench.lines import told
from bench.loop import Loop, parse, seconds
from commands.score import command

SHARE = 20
"""The loop scores one lead of so many."""
KNOWN = ("job_title", "industry", "country", "is_student", "segments", "buying_role")
"""The fields that Odoo's method counts."""


def by_loop(folder: Path) -> float:
    """Score some leads one by one; return the CPU seconds that all would have taken besides."""
    card = scorecard()
    wanted = pl.scan_parquet(folder / "leads.parquet").gather_every(SHARE).collect()
    found = pl.scan_parquet(folder / "activities.parquet").filter(pl.col("lead_id").is_in(wanted["id"].implode()))
    rows = found.rename({"occurred_at": "at"}).collect()
    people = wanted.with_columns(pl.col(pl.String).str.to_lowercase())
    began = time.process_time()
    histories: dict[str, list[dict[str, Any]]] = {lead: [] for lead in wanted["id"]}
    for row in rows.iter_rows(named=True):
        histories[row["lead_id"]].append(row)
    loop = Loop(card, parse(AS_OF))
    scores = [loop.score(one, histories[one["id"]])[0]["score"] for one in people.iter_rows(named=True)]
    spent = time.process_time() - began
    pl.DataFrame({"id": wanted["id"], "score": scores}).write_parquet(folder / "loop.parquet")
    return spent * (SHARE - 1)


def by_bayes(folder: Path) -> None:
    """Learn from the older half of the leads, with made-up outcomes, and say of all how likely they are won."""
    from bench import bayes  # noqa: PLC0415 - only this way needs what it imports

    leads = pl.read_parquet(folder / "leads.parquet")
    closed = leads[: len(leads) // 2]
    won = ((closed["budget"] > 15_000) & ~closed["is_student"]).to_numpy()
    said = bayes.of_typed(closed.select(KNOWN), won, leads.select(KNOWN))
    pl.DataFrame({"id": leads["id"], "chance": said}).write_parquet(folder / "bayes.parquet")


def by_leadgauge(folder: Path) -> None:
    """Score with leadgauge: everything that it computes."""
    given = [word for name in ("leads", "activities") for word in (f"--{name}", str(folder / f"{name}.parquet"))]
    out = ["--out", str(folder / "leadgauge.parquet")]
    command.main([*given, *out, "--scorecard", str(folder / "card.json"), "--as-of", AS_OF], standalone_mode=False)


def by_sql(folder: Path) -> None:
    """Score with one query."""
    with duckdb.connect() as base:
        base.execute(f"SET TimeZone = 'UTC'; COPY ({query(folder)}) TO '{folder / 'sql.parquet'}' (FORMAT parquet)")


def query(folder: Path) -> str:
    """Return the card as SQL: one pass over the activities per rule, as one writes it by hand."""
    card = scorecard()["score"]
    fit = " + ".join(f"CASE WHEN {sql(rule['lead'])} THEN {rule['points']} ELSE 0 END" for rule in rules(card, "fit"))
    each = "\nUNION ALL\n".join(_of_rule(number, rule) for number, rule in enumerate(rules(card, "engagement")))
    return f"""
        WITH done AS (
            SELECT DISTINCT ON (lead_id, id) lead_id, id, kind, lower(url) url, lower(name) name, seconds, occurred_at,
                epoch_us(TIMESTAMPTZ '{AS_OF}' - occurred_at) / 1e6 age
            FROM '{folder}/activities.parquet' WHERE occurred_at <= TIMESTAMPTZ '{AS_OF}'),
        per_rule AS ({each}),
        engaged AS (SELECT lead_id, sum(points) points FROM per_rule GROUP BY lead_id),
        totals AS (
            SELECT leads.id, least({card["fit"]["maximum"]}, {fit}) fit,
                least({card["engagement"]["maximum"]}, least({_group(card)["maximum"]}, coalesce(points, 0))) engagement
            FROM '{folder}/leads.parquet' leads LEFT JOIN engaged ON engaged.lead_id = leads.id)
        SELECT id, greatest(0, least(100, fit + engagement)) score FROM totals"""


def _of_rule(number: int, rule: Mapping[str, Any]) -> str:
    """Return the points of one rule by lead."""
    ways = {"day": "occurred_at::DATE", "week": "date_trunc('week', occurred_at)"}
    where, place = [sql(rule["activity"])], ""
    if "within" in rule:
        where.append(f"age < {seconds(rule['within'])}")
    if rule.get("award") == "once":
        place = "QUALIFY row_number() OVER (PARTITION BY lead_id ORDER BY age) = 1"
    elif "limit" in rule:
        most, _, period = rule["limit"].split()
        place = f"QUALIFY row_number() OVER (PARTITION BY lead_id, {ways[period]} ORDER BY age) <= {most}"
    faded = f"sum({rule['points']} * {_fading(rule)})"
    if "maximum" in rule:
        faded = f"greatest(-{rule['maximum']}, least({rule['maximum']}, {faded}))"
    inner = f"SELECT lead_id, age FROM done WHERE {' AND '.join(where)} {place}"
    return f"SELECT {number} rule, lead_id, {faded} points FROM ({inner}) GROUP BY lead_id"


def _fading(rule: Mapping[str, Any]) -> str:
    if "half_life" in rule:
        return f"pow(2, -age / {seconds(rule['half_life'])})"
    if "lifespan" in rule:
        return f"greatest(0, 1 - age / {seconds(rule['lifespan'])})"
    if "steps" in rule:
        every, lose = seconds(rule["steps"]["every"]), float(rule["steps"]["lose"][:-1]) / 100
        return f"greatest(0, 1 - {lose} * floor(age / {every}))"
    return "1"


def sql(condition: Mapping[str, Any]) -> str:
    """Return a condition of the card as SQL."""
    return " AND ".join(f"({part})" for part in _parts(condition))


def _parts(condition: Mapping[str, Any]) -> Iterator[str]:
    for name, wanted in condition.items():
        if name == "any":
            yield " OR ".join(sql(one) for one in wanted)
        elif name == "not":
            yield f"NOT ({sql(wanted)})"
        else:
            yield _test(name, wanted)


def _test(name: str, wanted: Any) -> str:  # noqa: PLR0911 - one return per operator
    text = f"lower({name})" if isinstance(wanted, str | list | dict) else name
    if isinstance(wanted, bool):
        return f"{name} = {wanted}"
    if isinstance(wanted, str):
        return f"{text} = '{wanted.lower()}'"
    if isinstance(wanted, list):
        return f"{text} IN ({', '.join(repr(one.lower()) for one in wanted)})"
    ((operator, operand),) = wanted.items()
    match operator:
        case "contains":
            return f"contains({text}, '{operand}')"
        case "ends_with":
            return f"ends_with({text}, '{operand}')"
        case "at_least":
            return f"{name} >= {operand}"
        case "between":
            return f"{name} BETWEEN {operand[0]} AND {operand[1]}"
    return f"regexp_matches({text}, '{operand}')"


def by_pandas(folder: Path) -> None:
    """Score with data frames, a mask and a group-by per rule."""
    card, now = scorecard()["score"], pd.Timestamp(AS_OF)
    leads = pd.read_parquet(folder / "leads.parquet")
    done = pd.read_parquet(folder / "activities.parquet")
    done = done[done.occurred_at <= now].drop_duplicates(["lead_id", "id"])
    done["age"] = (now - done.occurred_at).dt.total_seconds()
    done = done.sort_values("age", kind="stable")
    for frame in (leads, done):
        for column in frame.columns[[pd.api.types.is_string_dtype(kind) for kind in frame.dtypes]]:
            if column not in {"id", "lead_id"}:
                frame[column] = frame[column].str.lower()
    fit = sum(mask(leads, rule["lead"]) * rule["points"] for rule in rules(card, "fit"))
    engaged = pd.Series(0.0, index=leads.id)
    for rule in rules(card, "engagement"):
        engaged = engaged.add(_frame_of_rule(done, rule), fill_value=0)
    engagement = engaged.reindex(leads.id).clip(upper=_group(card)["maximum"]).clip(upper=card["engagement"]["maximum"])
    total = (fit.clip(upper=card["fit"]["maximum"]).to_numpy() + engagement.to_numpy()).clip(0, 100)
    pd.DataFrame({"id": leads.id, "score": total}).to_parquet(folder / "pandas.parquet")


def _frame_of_rule(done: pd.DataFrame, rule: Mapping[str, Any]) -> pd.Series:
    hits = done[mask(done, rule["activity"])]
    if "within" in rule:
        hits = hits[hits.age < seconds(rule["within"])]
    if rule.get("award") == "once":
        hits = hits.drop_duplicates("lead_id")
    elif "limit" in rule:
        most, _, period = rule["limit"].split()
        day = hits.occurred_at.dt.floor("D")
        when = day if period == "day" else day - pd.to_timedelta(hits.occurred_at.dt.dayofweek, unit="D")
        hits = hits[hits.groupby(["lead_id", when]).cumcount() < int(most)]
    points = rule["points"] * _faded(hits.age, rule)
    summed = points.groupby(hits.lead_id).sum()
    return summed.clip(-rule["maximum"], rule["maximum"]) if "maximum" in rule else summed


def _faded(age: pd.Series, rule: Mapping[str, Any]) -> pd.Series:
    if "half_life" in rule:
        return 2 ** (-age / seconds(rule["half_life"]))
    if "lifespan" in rule:
        return (1 - age / seconds(rule["lifespan"])).clip(lower=0)
    if "steps" in rule:
        every, lose = seconds(rule["steps"]["every"]), float(rule["steps"]["lose"][:-1]) / 100
        return (1 - lose * (age // every)).clip(lower=0)
    return age * 0 + 1


def mask(frame: pd.DataFrame, condition: Mapping[str, Any]) -> pd.Series:
    """Return which rows meet a condition of the card; what is unknown does not."""
    met = pd.Series(True, index=frame.index)
    for name, wanted in condition.items():
        if name == "any":
            part = pd.concat([mask(frame, one) for one in wanted], axis=1).any(axis=1)
        elif name == "not":
            part = ~mask(frame, wanted) & frame[list(wanted)].notna().all(axis=1)
        else:
            part = _masked(frame[name], wanted)
        met &= part.fillna(value=False).astype(bool)
    return met


def _masked(column: pd.Series, wanted: Any) -> pd.Series:  # noqa: PLR0911 - one return per operator
    if isinstance(wanted, list):
        return column.isin([one.lower() for one in wanted])
    if not isinstance(wanted, dict):
        return column == (wanted.lower() if isinstance(wanted, str) else wanted)
    ((operator, operand),) = wanted.items()
    match operator:
        case "contains":
            return column.str.contains(operand, regex=False)
        case "ends_with":
            return column.str.endswith(operand)
        case "at_least":
            return column >= operand
        case "between":
            return column.between(*operand)
    return column.str.contains(operand.replace("(", "(?:"), regex=True)


def rules(card: Mapping[str, Any], part: str) -> list[dict[str, Any]]:
    """Return the rules of a part of the card."""
    found: list[dict[str, Any]] = card[part]["groups"][0]["rules"]
    return found


def _group(card: Mapping[str, Any]) -> dict[str, Any]:
    group: dict[str, Any] = card["engagement"]["groups"][0]
    return group


WAYS: Mapping[str, tuple[Callable[[Path], float | None], str]] = {
    "leadgauge": (by_leadgauge, "leadgauge"),
    "sql": (by_sql, "duckdb"),
    "pandas": (by_pandas, "pandas"),
    "loop": (by_loop, "leadgauge"),
    "odoo_bayes": (by_bayes, "leadgauge"),
}
"""Each way, and the package whose version is told: ours where it is stated here."""
SAME = ("sql", "pandas", "loop")
"""The ways that compute the same score as leadgauge."""


def differing(folder: Path) -> dict[str, int]:
    """Return for how many leads each way disagrees with leadgauge, which rounds half away from zero."""
    ours = pl.read_parquet(folder / "leadgauge.parquet").select("id", ours="lead_score")
    found = {}
    for way in SAME:
        theirs = pl.read_parquet(folder / f"{way}.parquet").select("id", theirs=(pl.col("score") + 1e-9).round(9))
        both = ours.join(theirs, on="id", how="right" if way == "loop" else "full")
        found[way] = both.filter((pl.col("theirs") + 0.5).floor().ne_missing(pl.col("ours"))).height
    return found


def measured(way: str, folder: Path) -> dict[str, float]:
    """Score one way in a process of its own; return what it took, without importing libraries."""
    order = [sys.executable, "-m", "bench.analysts", "--way", way, "--folder", str(folder)]
    said = subprocess.run(order, check=True, capture_output=True, text=True)
    return dict(zip(("cpu_s", "wall_s", "start_mb", "peak_mb"), map(float, said.stdout.split()[-4:]), strict=True))


def contest(leads: int) -> Iterator[str]:
    """Score in all ways; yield a line for each."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_leads(folder / "leads.parquet", leads)
        write_activities(folder / "activities.parquet", leads)
        (folder / "card.json").write_text(json.dumps(scorecard()))
        taken = {way: measured(way, folder) for way in WAYS}
        differ = differing(folder)
    for way, figures in taken.items():
        package = WAYS[way][1]
        agrees = {"differ": differ[way]} if way in SAME else {}
        yield told("scoring", way=way, version=f"{package}-{version(package)}", leads=leads, **agrees, **figures)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=100_000)
    parser.add_argument("--way", choices=list(WAYS))
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    if given.way:
        before, busy, clock = common.memory_mb("VmRSS"), common.spent(), time.perf_counter()
        more = WAYS[given.way][0](given.folder) or 0.0
        taken = common.spent() - busy + more, time.perf_counter() - clock + more
        print(*taken, before, common.memory_mb("VmHWM"))
        return
    for line in contest(given.leads):
        print(line, flush=True)


if __name__ == "__main__":
    main()
