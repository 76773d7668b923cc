"""Projects for scorecards of all kinds."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from config import load_settings
from config.settings import AnyConnection
from worker import main

CARD = """
scorecard: {name}
fields: {{industry: text}}
score:
  maximum: 150
  fit: {{minimum: -10, groups: [{{name: Company, rules: [{{name: Software, lead: {{industry: Software}}, points: 20}}]}}]}}
readiness:
  stages: [{{name: Cold}}, {{name: Warm, when: {{activities: {{within: 30d}}}}}}]
priority:
  names: {{Hot: Call today., Cold: null}}
  matrix:
    Cold: {{A: Hot, B: Hot, C: Cold, D: Cold, F: Cold, '?': Cold}}
    Warm: {{A: Hot, B: Hot, C: Hot, D: Cold, F: Cold, '?': Hot}}
"""
SIGN_IN = {
    "hubspot": "token: {env: T}",
    "salesforce": "auth: {flow: client_credentials, consumer_key: {env: K}, consumer_secret: {env: S}}, domain: acme.my",
}

Connected = Callable[..., tuple[Path, AnyConnection]]


@pytest.fixture
def connected(tmp_path: Path) -> Connected:
    """Write settings with a scorecard for each prefix, and load them."""

    def make(crm: str, *prefixes: str, more: str = "") -> tuple[Path, AnyConnection]:
        for prefix in prefixes:
            name = prefix.strip("_") or "plain"
            (tmp_path / f"{name}.yaml").write_text(CARD.format(name=name))
        uses = ", ".join(f"{{file: {one.strip('_') or 'plain'}.yaml, prefix: '{one}'}}" for one in prefixes)
        mapped = "Industry" if crm == "salesforce" else "industry"
        main_ = f"{{crm: {crm}, {SIGN_IN[crm]}, scorecards: [{uses}], fields: {{industry: {mapped}}}{more}}}"
        path = tmp_path / "leadgauge.yaml"
        path.write_text(f"connections: {{main: {main_}}}\n")
        return path, load_settings(path).connections["main"]

    return make


@pytest.fixture
def leadgauge(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str]]:
    """Run a command, and return its exit code and all that it says."""
    monkeypatch.delenv("LEADGAUGE_SETTINGS", raising=False)

    def run(*words: str | Path) -> tuple[int, str]:
        done = CliRunner().invoke(main, [str(word) for word in words])
        return done.exit_code, done.output

    return run
