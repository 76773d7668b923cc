"""leadgauge runs as the image runs it: another user, a root that is read-only, one folder to write to."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest

from tests.stage import Opener, hubspot, opener

__all__ = ["hubspot", "opener"]

USER = "10001"
INSIDE = f"""
mount --bind "$STATE" "$STATE" && mount --bind / / && mount -o remount,bind,ro / && mount -o remount,bind,rw "$STATE" || exit 90
cd "$STATE" && exec setpriv --reuid={USER} --regid={USER} --clear-groups --bounding-set=-all --no-new-privs "$@"
"""


@pytest.fixture
def state() -> Iterator[Path]:
    """Return the only folder that may be written to, owned by the user of the image."""
    if os.geteuid() or not shutil.which("unshare"):
        pytest.skip("only root may make a read-only root")
    folder = Path(mkdtemp(dir="/var/tmp"))
    shutil.chown(folder, int(USER), int(USER))
    yield folder
    shutil.rmtree(folder)


@pytest.mark.slow
def test_a_backfill_writes_nothing_but_its_folder(opener: Opener, state: Path) -> None:
    """With a read-only root, as a user without rights, everything but the state folder stays as it is."""
    stage = opener.hubspot(40)
    stage.configure(database=f"sqlite:///{state}/leadgauge.db")
    stage.provision()
    for made in state.iterdir():
        shutil.chown(made, int(USER), int(USER))
    settings = Path(mkdtemp(dir="/var/tmp"))
    try:
        for file in stage.folder.iterdir():
            shutil.copy(file, settings)
        settings.chmod(0o755)
        environment = {"HOME": "/nonexistent", "TMPDIR": str(state), "STATE": str(state), "PATH": os.environ["PATH"]}
        worker = [sys.executable, "-m", "worker", "backfill", "--settings", str(settings / "leadgauge.yaml")]
        done = subprocess.run(
            ["unshare", "--mount", "--propagation", "private", "sh", "-c", INSIDE, "sh", *worker],
            env=environment | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(Path.cwd())} | stage.environment,
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        shutil.rmtree(settings)
    if done.returncode == 90:
        pytest.skip("this machine allows no mounts")
    assert done.returncode == 0, done.stderr
    assert "written=40" in done.stdout
    assert {path.stat().st_uid for path in state.iterdir()} == {int(USER)}
