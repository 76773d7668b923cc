"""Lines of figures: `bench=NAME key=value …`, one per contender. `bench.page` makes docs/benchmarks.md of them."""

import re
from collections.abc import Iterator

Line = dict[str, str]
_PAIR = re.compile(r"([a-z_]+)=(\S+)")


def told(bench: str, **figures: object) -> str:
    """Return a line; a space within a value becomes an underscore."""
    return " ".join(f"{name}={_written(value)}" for name, value in {"bench": bench, **figures}.items())


def _written(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"
    return "_".join(str(value).split()) or "-"


def read(text: str) -> Iterator[str]:
    """Yield the lines of figures in what benches printed; those of two benches that do not name theirs are named."""
    for line in text.splitlines():
        whose = next((bench for start, bench in STARTS.items() if line.startswith(start)), None)
        if whose is not None:
            yield line if line.startswith("bench=") else f"bench={whose} {line}"


STARTS = {"bench=": "", "through=": "scale", "night=": "refresh"}


def figures(line: str) -> Line:
    """Return the figures of a line by name."""
    return dict(_PAIR.findall(line))
