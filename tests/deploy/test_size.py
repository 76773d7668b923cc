"""The runtime takes less than 350 MB, and the docs say what each package takes."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from reference.sizes import MB, PAGE, rendered, sizes
from reference.third_party import ROOT

MOST = 350 * MB
HERE = (sys.platform, platform.machine(), sys.version_info[:2])

pytestmark = pytest.mark.skipif(
    HERE != ("linux", "x86_64", (3, 11)), reason="the wheels of other systems and Pythons have other sizes"
)


def test_the_docs_say_what_each_package_of_the_runtime_takes() -> None:
    """Run `python -m reference.sizes` if this fails."""
    page = PAGE.read_text(encoding="utf-8")
    assert "<!-- sizes -->" in page
    assert rendered(page) == page
    assert sum(sizes().values()) < MOST


@pytest.mark.slow
def test_an_empty_environment_with_the_runtime_takes_less_than_350_mb(tmp_path: Path) -> None:
    """Measured in an empty environment, with leadgauge itself."""
    environment = {key: value for key, value in os.environ.items() if key not in {"VIRTUAL_ENV", "PYTHONPATH"}}
    uv, home = Path(sys.executable).with_name("uv"), tmp_path / "env"
    to_here = ("--quiet", "--python", home / "bin/python", "--link-mode", "copy")
    for words in (
        (uv, "venv", "--quiet", "--python", sys.executable, home),
        (uv, "pip", "install", *to_here, "--require-hashes", "--requirement", ROOT / "requirements.lock"),
        (uv, "pip", "install", *to_here, "--no-deps", ROOT),
    ):
        subprocess.run(words, cwd=tmp_path, env=environment, check=True)
    (packages,) = home.glob("lib/python*/site-packages")
    found = sum(file.stat().st_size for file in packages.rglob("*") if file.is_file())
    assert found < MOST
    assert found == pytest.approx(sum(sizes().values()), rel=0.05), "the list in the docs leaves nothing large out"
    listed = {line.split("==")[0] for line in freeze(uv, home, environment)}
    assert {name for name in listed if not name.startswith("leadgauge")} == set(sizes())


def freeze(uv: Path, home: Path, environment: dict[str, str]) -> list[str]:
    words = (uv, "pip", "freeze", "--python", home / "bin/python")
    done = subprocess.run(words, env=environment, check=True, capture_output=True, text=True)
    return done.stdout.splitlines()
