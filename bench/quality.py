"""Judges calibrate from outside: it learns from files, `score` scores the leads held out, and the truth decides."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import numpy as np
import polars as pl
from click.testing import CliRunner
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits

from bench import bayes, boosting
from bench.boosting import Guarded
from bench.trials import DatedTrial, TableTrial, Trial
from bench.worlds.made import Flags, Floats, based
from commands.calibrate import command as calibrate
from commands.score import command as score

BINS = 10
SMALLEST = 5e-4
"""Half of the last digit that `score` writes."""
WORLDS = 200
"""How often who converts is drawn, to tell how large the mean gap is by chance."""
LEVEL = 1e-9
"""Log-odds that spread less are all the same."""
NAN = float("nan")
HORIZON = 90.0
"""For the challenger where calibrate declined."""


@dataclass(frozen=True)
class Judged:
    """What a set showed; NaN where there is no score or no truth."""

    name: str
    standing: str
    learned_from: int
    """Conversions in the files that calibrate got."""
    held: int
    """Conversions among the leads held out."""
    seconds: float
    boosted: float
    bayes: float = NAN
    """Of Odoo's method (`bench.bayes`), which is not printed here but by `bench.prediction`."""
    learn_cpu: float = NAN
    """CPU seconds of calibrate; those of the challengers follow."""
    boosted_cpu: float = NAN
    bayes_cpu: float = NAN
    truth: float = NAN
    points: float = NAN
    likelihood: float = NAN
    slope: float = NAN
    error: float = NAN
    """The mean gap between what was said and what came, over ten bins (ECE)."""
    by_chance: float = NAN
    """The mean gap that percentages which are right exceed in one of twenty draws of who converts."""
    of_rate: float = NAN
    """The mean gap once all log-odds are moved so that as many are promised as came: what only the future knows."""
    of_slope: float = NAN
    """The mean gap once the slope is right too."""
    ratio: float = NAN
    """Conversions that came to those that were promised."""
    rules: int = 0

    def line(self) -> str:
        """Return the figures in the columns of `HEADING`."""
        areas = [self.points, self.likelihood, self.boosted, self.truth]
        said = "".join(f"{_figure(each, 3):>7}" for each in areas)
        gaps = [self.error, self.by_chance, self.of_rate, self.of_slope]
        errors = "".join(f"{_figure(each, 3):>7}" for each in gaps)
        rest = f"{_figure(self.slope, 2):>7}{errors}{_figure(self.ratio, 2):>7}"
        start = f"{self.name:<27}{self.learned_from:>7,}{self.held:>7,}"
        return f"{start}{said}{rest}{self.rules:>6}{self.seconds:>6.0f}  {self.standing}"


def mean(draws: Sequence[Judged]) -> Judged:
    """Return the mean of each figure over draws of one set; NaN if one draw lacks it."""
    counts = ("learned_from", "held", "rules")
    numbers = [one.name for one in fields(Judged) if one.name not in {"name", "standing", *counts}]
    figures: dict[str, Any] = {name: float(np.mean([getattr(each, name) for each in draws])) for name in numbers}
    whole: dict[str, Any] = {name: round(np.mean([getattr(each, name) for each in draws])) for name in counts}
    standing = " / ".join(dict.fromkeys(each.standing for each in draws))
    return Judged(draws[0].name, standing, **whole, **figures)


HEADING = (
    f"{'set':<27}{'learned':>7}{'held':>7}{'points':>7}{'likel.':>7}{'boost.':>7}{'truth':>7}"
    f"{'slope':>7}{'ECE':>7}{'chance':>7}{'rate':>7}{'both':>7}{'came':>7}{'rules':>6}{'s':>6}"
)


def _figure(value: float, digits: int) -> str:
    return (
        "-" if np.isnan(value) else f"{value:.{digits}f}".replace("0.", ".", 1) if value < 1 else f"{value:.{digits}f}"
    )


@dataclass
class Files:
    """The files of one trial, and what calibrate said of them."""

    folder: Path
    said: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    cpu: float = NAN

    def learn(self, *options: object) -> None:
        """Run `leadgauge calibrate`."""
        files = ["--out", self.folder / "card.yaml", "--likelihood", self.folder / "likelihood.yaml"]
        start, busy = time.perf_counter(), time.process_time()
        output = _run(calibrate, *options, *files, "--json", allowed=(0, 1))
        self.seconds, self.cpu = time.perf_counter() - start, time.process_time() - busy
        self.said = json.loads(output)

    def scores(self, *options: object) -> pl.DataFrame | None:
        """Run `leadgauge score`, and return its results; None without a card."""
        if not (self.folder / "card.yaml").is_file():
            return None
        fitted = self.folder / "likelihood.yaml"
        likelihood = ["--likelihood", fitted] if fitted.is_file() else []
        out = self.folder / "scores.parquet"
        _run(score, "--scorecard", self.folder / "card.yaml", *likelihood, *options, "--out", out)
        return pl.read_parquet(out)

    @property
    def guarded(self) -> Guarded:
        """Return what the guards left out and masked."""
        notes = self.said["notes"]
        out = {note["subject"] for note in notes if note["level"] == "left out"}
        masked = {note["subject"] for note in notes if note["kind"] == "emptiness"} - out
        return Guarded(frozenset(out), frozenset(masked))


def judged(name: str, trial: Trial) -> Judged:
    """Calibrate, score what was held out and compare with the truth."""
    with TemporaryDirectory() as folder, threadpool_limits(1):
        files = Files(Path(folder))
        return _table(name, trial, files) if isinstance(trial, TableTrial) else _dated(name, trial, files)


def _table(name: str, trial: TableTrial, files: Files) -> Judged:
    learn, ask = files.folder / "learn.csv", files.folder / "ask.csv"
    trial.learn.write_csv(learn)
    trial.ask.write_csv(ask)
    files.learn("--leads", learn, "--outcome", trial.outcome, *trial.options)
    now = () if trial.as_of is None else ("--as-of", trial.as_of)
    scored = files.scores("--leads", ask, "--id", "id", *now)
    boosted = timed(lambda: boosting.of_table(trial, files.guarded))
    counted = timed(lambda: bayes.of_table(trial, files.guarded))
    held = Held(trial.won, boosted, counted, trial.chance)
    return _judged(name, trial.conversions, files, scored, held)


def _dated(name: str, trial: DatedTrial, files: Files) -> Judged:
    frames = {"leads": trial.leads, "outcomes": trial.known, "activities": trial.activities}
    paths = {each: files.folder / f"{each}.csv" for each, frame in frames.items() if len(frame)}
    for each, path in paths.items():
        frames[each].write_csv(path)
    known = [word for each, path in paths.items() for word in (f"--{each}", path)]
    asked = known[: known.index("--outcomes")] + known[known.index("--outcomes") + 2 :]
    now = ["--as-of", trial.as_of.isoformat()]
    files.learn(*known, *now, *trial.options)
    horizon = float(files.said["horizon"] or HORIZON)
    rows = np.flatnonzero(trial.open)
    scored = files.scores(*asked, *now)
    chance = None if trial.chance is None else trial.chance(horizon)[rows]
    boosted = timed(lambda: boosting.of_dates(trial, files.guarded, horizon)[rows])
    counted = timed(lambda: bayes.of_dates(trial, files.guarded, horizon)[rows])
    held = Held(trial.won(horizon)[rows], boosted, counted, chance)
    return _judged(name, trial.conversions, files, None if scored is None else scored[rows], held)


@dataclass(frozen=True)
class Timed:
    """The chances that a challenger says, and the CPU seconds to learn and to say them."""

    chances: Floats
    cpu: float


def timed(challenger: Callable[[], Floats]) -> Timed:
    """Let a challenger learn."""
    busy = time.process_time()
    return Timed(challenger(), time.process_time() - busy)


@dataclass(frozen=True)
class Held:
    """What became of the leads held out, and what others say of them."""

    won: Flags
    boosted: Timed
    bayes: Timed
    chance: Floats | None


def _judged(name: str, learned_from: int, files: Files, scored: pl.DataFrame | None, held: Held) -> Judged:
    said, won = files.said, held.won
    shown: dict[str, Any] = {
        "name": name,
        "standing": said["standing"] + (", can be applied" if (said["gate_open"] or {}).get("open") else ""),
        "learned_from": learned_from,
        "held": int(won.sum()),
        "seconds": files.seconds,
        "boosted": _area(won, held.boosted.chances),
        "learn_cpu": files.cpu,
        "boosted_cpu": held.boosted.cpu,
        "bayes": _area(won, held.bayes.chances),
        "bayes_cpu": held.bayes.cpu,
        "truth": NAN if held.chance is None else _area(won, held.chance),
        "rules": len(said["rules"]),
    }
    if scored is not None:
        shown["points"] = _area(won, scored["lead_score"].cast(pl.Float64).fill_null(0).to_numpy())
        if "lead_likelihood" in scored.columns:
            shown |= _truthful(won, scored["lead_likelihood"].cast(pl.Float64).to_numpy() / 100)
    return Judged(**shown)


def _truthful(won: Flags, chance: Floats) -> dict[str, float]:
    """Return how far chances are true, and how far they would be with the rate and the slope that came."""
    sure = np.clip(chance, SMALLEST, 1 - SMALLEST)
    odds = np.log(sure / (1 - sure))[:, None]
    some = 0 < won.sum() < len(won)
    fitted = None if odds.std() < LEVEL or not some else LogisticRegression(C=1e9).fit(odds, won)
    return {
        "likelihood": _area(won, chance),
        "slope": NAN if fitted is None else float(fitted.coef_[0, 0]),
        "error": _gap(won, chance),
        "by_chance": _gap_by_chance(sure),
        "of_rate": _gap(won, based(odds[:, 0], float(won.mean()))) if some else NAN,
        "of_slope": NAN if fitted is None else _gap(won, fitted.predict_proba(odds)[:, 1]),
        "ratio": float(won.sum() / chance.sum()) if chance.sum() > 0 else NAN,
    }


def _gap(won: Flags, chance: Floats) -> float:
    """Return the mean gap between what was said and what came, over bins with as many leads each."""
    parts = np.array_split(np.argsort(chance, kind="stable"), BINS)
    return float(sum(len(part) * abs(chance[part].mean() - won[part].mean()) for part in parts if len(part)) / len(won))


def _gap_by_chance(chance: Floats) -> float:
    rng = np.random.default_rng(0)
    return float(np.quantile([_gap(rng.random(len(chance)) < chance, chance) for _ in range(WORLDS)], 0.95))


def _area(won: Flags, value: Floats) -> float:
    return float(roc_auc_score(won, value)) if 0 < won.sum() < len(won) else NAN


def _run(command: click.Command, *words: object, allowed: tuple[int, ...] = (0,)) -> str:
    """Run a command and return what it printed; raise with its message if it ends otherwise than allowed."""
    done = CliRunner().invoke(command, [str(word) for word in words], catch_exceptions=False)
    if done.exit_code not in allowed:
        raise RuntimeError(f"{command.name} ended with {done.exit_code}: {done.output}")
    return done.stdout
