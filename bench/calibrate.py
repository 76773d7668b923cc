"""Times calibration from frames to report, and judges what it learns.

`python -m bench.calibrate [leads …]` times it, `python -m bench.calibrate quality [names …] [--data FOLDER]` judges it
on the simulated worlds and on the real sets that are there, and without arguments both are done.
"""

import argparse
import multiprocessing
import resource
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl

from bench import sets
from bench.quality import HEADING, Judged, judged, mean
from bench.trials import Source, of_world
from bench.worlds import WORLDS
from calibrate import Calibration, Options, run
from calibrate.inputs.frames import HISTORY, Frames
from calibrate.report import report

DAY_US = 86_400_000_000
SPAN = 540
SIZES = ((10_000, 100_000), (200_000, 4_000_000))
KINDS = (
    "page_view",
    "email_open",
    "email_click",
    "form_submit",
    "webinar_attend",
    "content_download",
    "demo_request",
    "call",
)
TEXTS, NUMBERS, FLAGS = 14, 10, 6
DRAWS = dict.fromkeys(("per_unit", "ages", "leaking_emptiness", "interaction", "threshold"), 5)
"""Worlds that are drawn several times, since a slope from some hundred conversions is off by .05 to .1 by chance."""


def frames(leads: int, activities: int, seed: int = 0) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Make leads with 30 fields, some of which matter, with activities, touchpoints and outcomes."""
    rng = np.random.default_rng(seed)
    created = rng.uniform(0, SPAN, leads)
    texts = {f"text_{n}": rng.choice([f"level {k}" for k in range(4 + 3 * n)], leads) for n in range(TEXTS)}
    numbers = {f"number_{n}": np.exp(rng.normal(3, 1, leads)).round(1) for n in range(NUMBERS)}
    flags = {f"flag_{n}": rng.random(leads) < 0.1 + n / 20 for n in range(FLAGS)}
    lively = rng.gamma(0.6, 1.0, leads)
    lead = rng.choice(leads, activities, p=lively / lively.sum())
    moment = created[lead] + rng.exponential(120, activities)
    odds = -3.2 + 0.6 * np.minimum(lively, 4) + 0.8 * (texts["text_0"] == "level 1") + 0.5 * (numbers["number_0"] > 25)
    won = rng.random(leads) < 1 / (1 + np.exp(-odds))
    converted = created + rng.exponential(70, leads)
    names = np.array([f"L{n}" for n in range(leads)])
    table = pl.DataFrame({"lead": names, "created_at": _times(created), **texts, **numbers, **flags})
    acts = pl.DataFrame(
        {
            "lead": names[lead],
            "occurred_at": _times(moment),
            "touchpoint": rng.integers(0, 2000, activities).astype(np.uint32),
        }
    ).filter(pl.col("occurred_at") <= _end())
    touchpoints = pl.DataFrame(
        {
            "touchpoint": np.arange(2000, dtype=np.uint32),
            "kind": [KINDS[n % len(KINDS)] for n in range(2000)],
            "url": [f"https://x.example/{('pricing', 'blog', 'docs', 'jobs')[n % 4]}/{n}" for n in range(2000)],
            "name": [None] * 2000,
        },
        schema_overrides={"name": pl.String},
    )
    outcomes = pl.DataFrame({"lead": names[won], "occurred_at": _times(converted[won])}).filter(
        pl.col("occurred_at") <= _end()
    )
    extra = {"id": pl.Series(np.arange(len(acts))).cast(pl.String), "seconds": None, "value": None}
    return table, acts.with_columns(**extra), touchpoints, outcomes


def _times(days: np.ndarray[tuple[int], np.dtype[np.float64]]) -> pl.Series:
    return pl.Series((days * DAY_US).astype(np.int64) + 1_700_000_000_000_000).cast(pl.Datetime("us", "UTC"))


def _end() -> pl.Expr:
    return pl.lit(SPAN * DAY_US + 1_700_000_000_000_000).cast(pl.Datetime("us", "UTC"))


def once(leads: int, activities: int) -> None:
    """Calibrate, draw the report, and print one line."""
    made = frames(leads, activities)
    start = time.perf_counter()
    as_of = pl.select(_end()).item()
    result: Calibration = run(Frames(*made, HISTORY.to_frame()), None, Options(), as_of)
    size = len(report.page(result))
    seconds = time.perf_counter() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    auc = result.performance[0].auc if result.performance else float("nan")
    print(
        f"calibrate: {leads:,} leads x 30 fields, {activities:,} activities, {result.snapshots:,} snapshots: "
        f"{seconds:.1f} s with a report of {size // 1024} KB, peak {memory:.2f} GB, "
        f"AUC {auc:.3f}, {len(result.rules)} rules",
        flush=True,
    )


def sources(folders: Sequence[Path]) -> dict[str, Source]:
    """Return what quality can be judged on, by name."""
    worlds = {name: Source(partial(of_world, make, None), DRAWS.get(name, 1)) for name, make in WORLDS.items()}
    return {**worlds, **dict(sets.found(folders))}


def judged_by_name(name: str, folders: Sequence[Path]) -> Judged:
    """Return the mean over the draws of one source."""
    source = sources(folders)[name]
    return mean([judged(name, source.make(seed)) for seed in range(source.draws)])


def quality(names: Sequence[str], folders: Sequence[Path]) -> None:
    """Judge two sets at a time, and print a line for each."""
    there = sources(folders)
    if unknown := [name for name in names if name not in there]:
        raise SystemExit(f"There is no set {', '.join(unknown)}. There are: {', '.join(there)}.")
    print(HEADING, flush=True)
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        for line in pool.map(partial(judged_by_name, folders=folders), names or list(there)):
            print(line.line(), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", help="numbers of leads to time, or `quality` and the names of sets")
    parser.add_argument("--data", action="append", default=[], help="a further folder with real sets; repeatable")
    args = parser.parse_args()
    folders = sets.folders(args.data)
    if args.what[:1] == ["quality"]:
        quality(args.what[1:], folders)
        return
    wanted = [int(size) for size in args.what]
    for leads, activities in SIZES:
        if not wanted or leads in wanted:
            once(leads, activities)
    if not wanted:
        quality([], folders)


if __name__ == "__main__":
    main()
