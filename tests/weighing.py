"""Lists the heavy tests, from a JUnit report: `python -m tests.weighing REPORT` (`make weigh`)."""

import sys
from collections import defaultdict
from functools import cache
from pathlib import Path
from statistics import median
from xml.etree import ElementTree as ET

HEAVY = Path(__file__).with_name("heavy.txt")
"""A line for each heavy test, without its parameters: seconds, file and name."""
LIGHT = 0.5
"""A test is heavy if it takes more seconds than this on average."""


@cache
def heavy() -> dict[str, float]:
    """Return the seconds of each heavy test by its id without parameters."""
    lines = (line.split() for line in HEAVY.read_text().splitlines())
    return {name: float(seconds) for seconds, name in lines}


def weighed(report: Path) -> dict[str, float]:
    """Return the mean seconds of each test of a report, with what is made for all tests of its group.

    Only the first of a group is timed with that, but any other would be, if it ran alone.
    """
    took: dict[str, list[float]] = defaultdict(list)
    groups: dict[str, str] = {}
    for case in ET.parse(report).getroot().iter("testcase"):
        module, _, inner = case.attrib["classname"].partition(".Test")
        file = f"{module.replace('.', '/')}.py"
        test, _, group = case.attrib["name"].partition("@")  # by xdist
        name = "::".join([file, *([f"Test{inner}"] if inner else []), test.partition("[")[0]])
        took[name].append(float(case.attrib["time"]))
        groups[name] = group or name
    of_group: dict[str, list[float]] = defaultdict(list)
    for name, times in took.items():
        of_group[groups[name]] += times
    shared = {group: max(times) - median(times) for group, times in of_group.items()}
    return {name: min(times) + shared[groups[name]] for name, times in took.items()}


def main() -> None:
    found = weighed(Path(sys.argv[1]))
    lines = [f"{seconds:.1f} {name}\n" for name, seconds in sorted(found.items()) if seconds > LIGHT]
    HEAVY.write_text("".join(lines))
    sys.stdout.write(f"{len(lines)} of {len(found)} tests are heavy.\n")


if __name__ == "__main__":
    main()
