"""The settings that deploy/container starts from are in order with the scorecard that the page copies beside them."""

import shutil
from pathlib import Path

from commands.check import examine

ROOT = Path(__file__).parents[2]


def test_the_settings_of_the_container_fit_the_shipped_scorecard(tmp_path: Path) -> None:
    text = (ROOT / "deploy/container/settings.example.yaml").read_text(encoding="utf-8")
    (tmp_path / "leadgauge.yaml").write_text(text.replace("/run/secrets/", ""), encoding="utf-8")
    (tmp_path / "database-url").write_text("postgresql://leadgauge:secret@database/leadgauge", encoding="utf-8")
    (tmp_path / "crm-token").write_text("invented", encoding="utf-8")
    shutil.copy(ROOT / "config/b2b-saas.yaml", tmp_path)
    assert examine(tmp_path / "leadgauge.yaml", None, offline=True).all_mistakes == []
