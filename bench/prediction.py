"""Ranks leads held out by what was learned: by calibrate, by gradient boosting and by Odoo's method.

    python -m bench.prediction [names …] [--data FOLDER]

The sets are those of `bench.calibrate quality`: simulated worlds, and the real sets that are there. A line for each set
and contender has the area under the curve (AUC), and the CPU seconds to learn (the challengers: and to score).
"""

import argparse
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np

from bench import sets
from bench.calibrate import judged_by_name, sources
from bench.lines import told
from bench.quality import Judged
from bench.worlds import WORLDS

NAMES = ("interaction", "threshold", "growing_funnel", "long_memory")
"""The worlds that are judged unless others are named: two tables, and two with dates, one of them with activities."""


def lines(judged: Judged) -> Iterator[str]:
    """Yield the lines of one set."""
    ways = {
        "leadgauge_points": (judged.points, judged.learn_cpu, "leadgauge"),
        "leadgauge_likelihood": (judged.likelihood, judged.learn_cpu, "leadgauge"),
        "gradient_boosting": (judged.boosted, judged.boosted_cpu, "scikit-learn"),
        "odoo_bayes": (judged.bayes, judged.bayes_cpu, "leadgauge"),
        "truth": (judged.truth, np.nan, "leadgauge"),
    }
    common = {"set": judged.name, "learned": judged.learned_from, "held": judged.held}
    for way, (area, cpu, package) in ways.items():
        if not np.isnan(area):
            learn = {} if np.isnan(cpu) else {"cpu_s": cpu}
            yield told("prediction", way=way, version=f"{package}-{version(package)}", **common, auc=area, **learn)


def contest(names: Sequence[str], folders: Sequence[Path]) -> Iterator[str]:
    """Judge the named sets, or the usual worlds and the real sets that are there."""
    real = [name for name in sources(folders) if name not in WORLDS]
    for name in names or [*NAMES, *real]:
        yield from lines(judged_by_name(name, folders))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--data", action="append", default=[], help="a further folder with real sets; repeatable")
    given = parser.parse_args()
    for line in contest(given.names, sets.folders(given.data)):
        print(line, flush=True)


if __name__ == "__main__":
    main()
