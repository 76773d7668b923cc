"""The shipped scorecards and settings, and how a test reads what is wrong with a file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import config
from config import ConfigError, Mistake

SHIPPED = Path(config.__file__).parent
SCORECARDS = sorted(path for path in SHIPPED.glob("*.yaml") if "\nscorecard: " in path.read_text(encoding="utf-8"))
SETTINGS = sorted(SHIPPED.glob("leadgauge-*.yaml"))

SMALL = """\
scorecard: small
fields: {country: text, employees: number, industry: text, code: text, since: time, tags: list, vip: flag}
score:
  fit:
    groups:
      - name: Person
        rules:
          - {name: Norway, lead: {country: NO}, points: 5}
          - {name: Large, lead: {employees: {at_least: 100}}, points: 7}
"""


def mistakes_of(load: Callable[[Any], Any], source: Any) -> list[Mistake]:
    """Return the mistakes that loading something raises; none where it loads."""
    try:
        load(source)
    except ConfigError as error:
        return list(error.mistakes)
    return []
