"""Makes docs/benchmarks.md of lines of figures: a table for each comparison, and where leadgauge is behind."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bench import words
from bench.lines import Line, figures

BEHIND = 0.95
"""A contender that needs less than this share of leadgauge's figure is said to be ahead; closer ones are even."""
SLIGHTLY = 0.005
"""Areas under the curve closer than this are even."""
TIMES = "\N{MULTIPLICATION SIGN}"
STORED = "_into_"
"""What is in the names of contenders that also store what they read: these are compared with each other."""


def page(lines: Sequence[str]) -> str:
    """Return the page."""
    found = [figures(line) for line in lines]
    sections = [section.text(found) for section in SECTIONS]
    parts = [words.HEAD, _machine(found), _behind(found), *sections, _huge(found), words.NOT_THERE, _printed(lines)]
    return "\n\n".join(part.strip() for part in parts if part.strip()) + "\n"


def _machine(found: Sequence[Line]) -> str:
    where = next((line for line in found if line["bench"] == "run"), None)
    if where is None:
        return ""
    plain = {name: value.replace("_", " ") for name, value in where.items()}
    command = where["command"].replace("~", " ")
    return (
        f"Measured on {plain['date']} with `{command}`: {plain['cores']} cores of {plain['processor']}, "
        f"{plain['memory_gb']} GB, {plain['system']}, Python {plain['python']}."
    )


@dataclass(frozen=True)
class Section:
    """A comparison: which lines it shows, and what is said of it."""

    title: str
    bench: str
    says: str
    counts: Mapping[str, str]
    """What was done, by the names of figures that all lines share."""
    extra: Mapping[str, str]
    """Further columns, by the names of figures."""
    where: Mapping[str, str] = field(default_factory=dict)

    def lines(self, found: Sequence[Line]) -> list[Line]:
        """Return the lines of this comparison."""
        wanted = {"bench": self.bench, **self.where}
        return [line for line in found if wanted.items() <= line.items()]

    def text(self, found: Sequence[Line]) -> str:
        """Return the section; nothing without lines."""
        mine = self.lines(found)
        done = [line for line in mine if "missing" not in line]
        if not done:
            return ""
        work = " and ".join(f"{_count(done[0][name])} {what}" for name, what in self.counts.items() if name in done[0])
        tables = [self._table(some) for some in _apart(done)]
        notes = [f"Left out: {_named(line)}. {line['missing'].replace('_', ' ')}." for line in mine if line not in done]
        return "\n\n".join(
            [f"## {self.title}", f"Of {work} (`{COMMANDS[self.bench]}`). {self.says.strip()}", *tables, *notes]
        )

    def _table(self, done: Sequence[Line]) -> str:
        heads = ["", "version", "CPU, s", "to leadgauge's", "time, s", "peak memory, MB", *self.extra.values()]
        rows = [
            [
                _named(line),
                _versions(line["version"]),
                _seconds(line["cpu_s"]),
                _times(line, _ours(line, done)),
                _seconds(line["wall_s"]),
                _memory(line),
                *(_count(line[figure]) if figure in line else "" for figure in self.extra),
            ]
            for line in done
        ]
        return _table(heads, rows)


def _apart(done: Sequence[Line]) -> Iterator[list[Line]]:
    """Yield the contenders that only read, then those that also store."""
    stored = [line for line in done if STORED in line["way"]]
    yield from filter(None, ([line for line in done if line not in stored], stored))


def _named(line: Line) -> str:
    return words.NAMES.get(line["way"], line["way"].replace("_", " "))


def _versions(text: str) -> str:
    """Return `one-1.2+two-3.4` as people write it."""
    return ", ".join(" ".join(part.rpartition("-")[::2]) for part in text.split("+"))


def _ours(line: Line, done: Sequence[Line]) -> Line:
    """Return the line of leadgauge that a line is compared with."""
    mine = [one for one in done if one["way"].startswith("leadgauge")]
    return next((one for one in mine if (STORED in one["way"]) == (STORED in line["way"])), mine[0])


def _times(line: Line, ours: Line) -> str:
    return "" if line is ours else f"{float(line['cpu_s']) / float(ours['cpu_s']):.1f} {TIMES}"


def _seconds(text: str) -> str:
    seconds = float(text)
    return f"{seconds:,.2f}" if seconds < 10 else f"{seconds:,.1f}" if seconds < 100 else f"{seconds:,.0f}"


def _memory(line: Line) -> str:
    before = f" ({_count(line['start_mb'])})" if "start_mb" in line else ""
    return _count(line["peak_mb"]) + before


def _count(text: str) -> str:
    return f"{float(text.replace(',', '')):,.0f}"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


@dataclass(frozen=True)
class Prediction:
    """The comparison of what was learned: a row for each set, a column for each contender."""

    title: str
    bench: str = "prediction"

    def text(self, found: Sequence[Line]) -> str:
        """Return the section; nothing without lines."""
        mine = [line for line in found if line["bench"] == self.bench]
        if not mine:
            return ""
        ways = [way for way in words.NAMES if way in {line["way"] for line in mine}]
        rows = [self._row([line for line in mine if line["set"] == set_], ways) for set_ in _sets(mine)]
        heads = [
            "set",
            "learned from",
            "held out",
            *(words.NAMES[way] for way in ways),
            *(f"{one}, s of CPU" for one in TIMED),
        ]
        return "\n\n".join(
            [
                f"## {self.title}",
                f"{words.PREDICTING.strip()}\n`{COMMANDS[self.bench]}` measures it.",
                _table(heads, rows),
            ]
        )

    def _row(self, mine: Sequence[Line], ways: Sequence[str]) -> list[str]:
        areas = {line["way"]: f"{float(line['auc']):.3f}".replace("0.", ".", 1) for line in mine}
        taken = {line["way"]: _seconds(line["cpu_s"]) for line in mine if "cpu_s" in line}
        counts = [_count(mine[0][figure]) for figure in ("learned", "held")]
        times = [taken.get(way, "") for way in TIMED.values()]
        return [f"`{mine[0]['set']}`", *counts, *(areas.get(way, "") for way in ways), *times]


TIMED = {"calibrate": "leadgauge_points", "boosting": "gradient_boosting", "Odoo's": "odoo_bayes"}


def _sets(lines: Sequence[Line]) -> list[str]:
    return list(dict.fromkeys(line["set"] for line in lines))


COMMANDS = {
    "scoring": "python -m bench.analysts",
    "pulling": "python -m bench.pulling",
    "writing": "python -m bench.writing",
    "prediction": "python -m bench.prediction",
}
CRMS = {"hubspot": "HubSpot", "salesforce": "Salesforce"}
CALLS = {"http_calls": "HTTP calls"}
SECTIONS: tuple[Section | Prediction, ...] = (
    Section("Scoring", "scoring", words.SCORING, {"leads": "leads with 20 activities each"}, {"differ": "differ"}),
    *(
        Section(
            f"Reading {what} from {CRMS[crm]}",
            "pulling",
            says,
            words.COUNTS,
            CALLS,
            {"crm": crm, "what": what},
        )
        for (crm, what), says in words.READING.items()
    ),
    *(
        Section(
            f"Writing to {CRMS[crm]}",
            "writing",
            says,
            {"rows": "leads", "fields": "fields of each"},
            CALLS,
            {"crm": crm},
        )
        for crm, says in words.WRITING.items()
    ),
    Prediction("Predicting"),
)
FIGURES = {"cpu_s": "CPU", "wall_s": "time", "peak_mb": "memory"}


def _behind(found: Sequence[Line]) -> str:
    """Return in what leadgauge is behind whom, and why; nothing if nothing is compared."""
    if not any("way" in line for line in found):
        return ""
    said = [line for section in SECTIONS if isinstance(section, Section) for line in _behind_in(section, found)]
    said += _predicted([line for line in found if line["bench"] == "prediction"])
    lines = said or ["In nothing that is measured here."]
    heading = ["## Where leadgauge is behind", "", words.BEHIND.strip(), ""]
    return "\n".join([*heading, *(f"* {line}" for line in lines)])


def _behind_in(section: Section, found: Sequence[Line]) -> Iterator[str]:
    done = [line for line in section.lines(found) if "missing" not in line]
    for line in done:
        ours = _ours(line, done)
        shares = {what: float(line[figure]) / float(ours[figure]) for figure, what in FIGURES.items()}
        less = [f"{share:.2f} {TIMES} the {what}" for what, share in shares.items() if share < BEHIND]
        if line is not ours and less:
            why = words.WHY.get((section.bench, line["way"]), "") if shares["CPU"] < BEHIND else ""
            yield f"*{section.title}*, {_named(line)}: {_listed(less)}. {why}".strip()


def _predicted(lines: Sequence[Line]) -> Iterator[str]:
    for set_ in _sets(lines):
        areas = {line["way"]: float(line["auc"]) for line in lines if line["set"] == set_}
        ours = max(areas.get(way, 0.0) for way in ("leadgauge_points", "leadgauge_likelihood"))
        for way in ("gradient_boosting", "odoo_bayes"):
            if areas.get(way, 0.0) > ours + SLIGHTLY:
                yield f"*Predicting* `{set_}`: {words.NAMES[way]} ranks better, by {areas[way] - ours:.3f}."
    slow, fast = (
        max([float(line["cpu_s"]) for line in lines if line["way"] == way and "cpu_s" in line], default=0.0)
        for way in ("leadgauge_points", "gradient_boosting")
    )
    if slow > fast:
        taken = f"calibrate takes up to {slow:.0f} s of CPU to learn, gradient boosting up to {fast:.1f} s"
        yield f"*Predicting*: {taken}. {words.LEARNS.strip()}"


def _listed(parts: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))


Columns = Mapping[str, tuple[str, Callable[[str], str]]]
HUGE: Mapping[str, Columns] = {
    "scale": {
        "through": ("through", str),
        "step": ("step", str),
        "leads": ("leads", _count),
        "activities": ("activities", _count),
        "cpu_s": ("CPU, s", _count),
        "wall_s": ("time, s", _count),
        "peak_mb": ("peak memory, MB", _count),
        "disk_mb": ("on disk, MB", _count),
        "date": ("measured", str),
    },
    "refresh": {
        "night": ("night", str),
        "who": ("looks at", str),
        "leads": ("leads", _count),
        "looked_at": ("looked at", str),
        "share_written": ("written", str),
        "cpu_s": ("CPU, s", _count),
        "wall_s": ("time, s", _count),
        "date": ("measured", str),
    },
}
"""The benches of the section on one huge CRM, with the columns of their tables."""


def _huge(found: Sequence[Line]) -> str:
    """Return what one huge CRM takes; nothing without lines of its benches."""
    tables = [_of_all([line for line in found if line["bench"] == bench], columns) for bench, columns in HUGE.items()]
    shown = [table for table in tables if table]
    return "\n\n".join(["## One huge CRM", words.HUGE.strip(), *shown]) if shown else ""


def _of_all(lines: Sequence[Line], columns: Columns) -> str:
    shown = {figure: column for figure, column in columns.items() if any(figure in line for line in lines)}
    rows = [[form(line[figure]) if figure in line else "" for figure, (_, form) in shown.items()] for line in lines]
    return _table([head for head, _ in shown.values()], rows) if rows else ""


def _printed(lines: Sequence[str]) -> str:
    return "\n".join(["## The lines", "", "What the benches printed, as it is:", "", "```text", *lines, "```"])
