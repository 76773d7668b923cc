"""Builds the documentation's site."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def built(folder: Path) -> Path:
    """Build the site from a copy in a folder, so that nothing is left in the working tree; return where it is."""
    shutil.copytree(ROOT / "docs", folder / "docs")
    shutil.copy(ROOT / "mkdocs.yml", folder)
    order = [str(Path(sys.executable).parent / "zensical"), "build", "-f", "mkdocs.yml", "--strict"]
    done = subprocess.run(
        order, cwd=folder, env=os.environ | {"NO_COLOR": "1"}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "build" / "site"
