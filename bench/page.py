"""Runs the comparisons and writes docs/benchmarks.md: `python -m bench.page`.

    python -m bench.page [--only scoring pulling writing prediction] [--lines FILE …]

The page is made of the lines that the benches print, which stand at its end. `--only` runs some of them, `--lines`
takes lines that are in files (also those of `bench.scale` and `bench.refresh`); the page keeps its other lines.
"""

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import psutil

from bench.lines import figures, read, told
from bench.tables import COMMANDS, page

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"


def run(bench: str) -> Iterator[str]:
    """Run a comparison, and yield its lines as they are printed."""
    order = [sys.executable, *COMMANDS[bench].split()[1:]]
    with subprocess.Popen(order, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            yield from read(line)
    if process.returncode:
        raise SystemExit(f"{bench} failed; see its message above")


def here(command: str) -> str:
    """Return the line that says when and where was measured, and how."""
    release = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    return told(
        "run",
        date=datetime.now(UTC).date().isoformat(),
        command=command.replace(" ", "~"),  # it may have underscores of its own
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)),
        memory_gb=round(psutil.virtual_memory().total / 2**30),
        system=release,
        python=platform.python_version(),
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def kept(text: str, anew: Sequence[str]) -> list[str]:
    """Return the lines of a page, those of the benches that were run anew replaced."""
    benches = {figures(line)["bench"] for line in anew}
    return [line for line in read(text) if figures(line)["bench"] not in benches] + list(anew)


def _dated(line: str, file: Path) -> str:
    """Add when the line was printed, and on which processor; a line of this page has both."""
    day = datetime.fromtimestamp(file.stat().st_mtime, UTC).date().isoformat()
    return line if " on=" in line else f"{line} date={day} on={'_'.join(_processor().split())}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=list(COMMANDS), help="the comparisons to run")
    parser.add_argument("--lines", nargs="+", type=Path, default=[], help="files with lines; nothing is run")
    given = parser.parse_args()
    wanted = given.only or ([] if given.lines else list(COMMANDS))
    command = f"python -m bench.page --only {' '.join(given.only)}" if given.only else "make bench"
    anew = [here(command)] if wanted else []
    for bench in wanted:
        anew += run(bench)
    for file in given.lines:
        anew += (_dated(line, file) for line in read(file.read_text(encoding="utf-8")))
    old = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    PAGE.write_text(page(kept(old, anew)), encoding="utf-8")


if __name__ == "__main__":
    main()
