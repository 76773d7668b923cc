"""Reads the recorded traffic beside it."""

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any


@cache
def recorded(crm: str) -> list[dict[str, Any]]:
    """Return the recorded requests and answers of a CRM, in the order of their recording."""
    with gzip.open(Path(__file__).parent / f"{crm}.jsonl.gz", "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]
