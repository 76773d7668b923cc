"""The example of docs/warehouse.md does what the page says."""

import os
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from pipeline.passes import BACKFILL
from tests.end_to_end.test_removed_activities import did
from tests.stage import Stage

PAGE = Path(__file__).parents[2] / "docs" / "warehouse.md"


def block(language: str, number: int = 0) -> str:
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return [words for of, words in blocks if of == language][number]


def test_the_example_is_read_as_the_page_says(
    hubspot: Callable[..., Stage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = hubspot(20)
    address, lead = next(iter(stage.addresses().items()))
    with sqlite3.connect(tmp_path / "house.db") as house:
        house.executescript(re.sub("lead@example.com", address, block("sql"), flags=re.IGNORECASE))
    house.close()
    monkeypatch.setitem(os.environ, "WAREHOUSE_URL", f"sqlite:///{tmp_path / 'house.db'}")
    stage.configure(lambda connection: connection.update(YAML(typ="safe").load(block("yaml"))))
    stage.provision()
    said = " ".join(stage.leadgauge("check").stdout.split())
    for line in block("text").splitlines():
        assert line in said
    stage.do(BACKFILL)
    assert {one for one in did(stage) if one[1].startswith("warehouse")} == {
        (lead, f"warehouse.product_usage:{row}", "product_use") for row in ("e1", "e2")
    }
    with stage.job() as job:
        assert job.mirror.counts().unclaimed == 1
