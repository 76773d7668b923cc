"""The Dockerfile, the compose file and the manifests are valid, and agree with each other and with the locks."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from config.pages import Pages
from config.settings import Metrics

ROOT = Path(__file__).parents[2]
CONTAINER, KUBERNETES = ROOT / "deploy/container", ROOT / "deploy/kubernetes"
DOCKERFILE = (CONTAINER / "Dockerfile").read_text()
MANIFESTS = list(yaml.safe_load_all((KUBERNETES / "leadgauge.yaml").read_text()))
PORTS = {Metrics().port, Pages().port}
USER = 10001


def of_kind(kind: str) -> dict[str, Any]:
    """Return the only manifest of a kind."""
    (found,) = [one for one in MANIFESTS if one["kind"] == kind]
    return found


def test_hadolint_finds_nothing() -> None:
    """The linter for Dockerfiles has nothing to say."""
    tool = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([tool, CONTAINER / "Dockerfile"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda one: one["kind"])
def test_manifests_are_valid(manifest: dict[str, Any]) -> None:
    """Each manifest has the shape that Kubernetes asks for, without unknown keys."""
    kubernetes_validate.validate(manifest, "1.31", strict=True)


def test_two_replicas_are_probed_and_limited() -> None:
    """The deployment has two replicas with all three probes, limits, a read-only root and no rights."""
    spec = of_kind("Deployment")["spec"]
    (container,) = spec["template"]["spec"]["containers"]
    assert spec["replicas"] == 2
    assert {"startupProbe", "livenessProbe", "readinessProbe"} <= container.keys()
    assert container["resources"]["limits"]["memory"]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert spec["template"]["spec"]["securityContext"]["runAsUser"] == USER


def test_a_pod_may_end_its_batch() -> None:
    """Whoever stops the daemon waits longer than the 25 seconds that a pass may take to end."""
    compose = yaml.safe_load((CONTAINER / "compose.yaml").read_text())
    assert int(compose["services"]["leadgauge"]["stop_grace_period"].removesuffix("s")) > 30
    assert of_kind("Deployment")["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] > 30
    unit = (ROOT / "deploy/systemd/leadgauge.service").read_text()
    assert int(re.findall(r"TimeoutStopSec=(\d+)", unit)[0]) > 30


def test_ports_are_those_of_the_settings() -> None:
    """Image, compose file and manifests open the default ports of figures and pages, and no others."""
    assert set(map(int, re.findall(r"^EXPOSE (.+)$", DOCKERFILE, re.MULTILINE)[0].split())) == PORTS
    compose = yaml.safe_load((CONTAINER / "compose.yaml").read_text())
    assert {int(port.rpartition(":")[2]) for port in compose["services"]["leadgauge"]["ports"]} == PORTS
    (container,) = of_kind("Deployment")["spec"]["template"]["spec"]["containers"]
    assert {port["containerPort"] for port in container["ports"]} == PORTS
    assert {port["port"] for port in of_kind("Service")["spec"]["ports"]} == PORTS


def test_the_image_is_nobodys_and_knows_its_sources() -> None:
    """The image runs as the user of the manifests, and gets every package and no secret or repository."""
    assert f"USER {USER}:{USER}" in DOCKERFILE
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert {*wheel["only-include"], "pyproject.toml", "README.md", "LICENSE", "requirements-image.lock"} == let_in
    assert (ROOT / ".dockerignore").read_text().splitlines()[1] == "*"


def test_secrets_are_files() -> None:
    """No password or token is in the environment of the container."""
    (container,) = of_kind("Deployment")["spec"]["template"]["spec"]["containers"]
    assert "env" not in container
    compose = yaml.safe_load((CONTAINER / "compose.yaml").read_text())
    assert "environment" not in compose["services"]["leadgauge"]
    assert all(
        name.endswith("_FILE") or "PASSWORD" not in name for name in compose["services"]["database"]["environment"]
    )
    assert set(compose["services"]["leadgauge"]["secrets"]) <= compose["secrets"].keys()


def test_the_bill_of_materials_is_the_lock(tmp_path: Path) -> None:
    """The SBOM lists exactly what the image's lock pins, with a hash for each."""
    made = tmp_path / "sbom.json"
    tool = Path(sys.executable).with_name("cyclonedx-py")
    lock = ROOT / "requirements-image.lock"
    subprocess.run([tool, "requirements", "--of", "JSON", "-o", made, lock], check=True, capture_output=True)
    listed = {(one["name"], one["version"]) for one in json.loads(made.read_text())["components"]}
    pinned = set(re.findall(r"^([\w.-]+)==([\w.]+)", lock.read_text(), re.MULTILINE))
    assert listed == pinned
    assert all(one["externalReferences"][0]["hashes"] for one in json.loads(made.read_text())["components"])


def test_locks_agree() -> None:
    """What the image holds has the versions that the tests run with."""
    versions = {
        name: dict(re.findall(r"^([\w.-]+)==([\w.]+)", (ROOT / f"requirements{name}.lock").read_text(), re.MULTILINE))
        for name in ("", "-image", "-dev", "-demo")
    }
    assert versions[""].keys() < versions["-image"].keys() < versions["-dev"].keys()
    for name in ("", "-image", "-demo"):
        assert versions[name].items() <= versions["-dev"].items()


def test_the_unit_is_sandboxed() -> None:
    """systemd finds no mistake in the unit, and rates its exposure below 2."""
    unit = ROOT / "deploy/systemd/leadgauge.service"
    try:
        rated = ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(unit)]
        done = subprocess.run(rated, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("systemd-analyze is not installed")
    assert done.returncode == 0, done.stdout[-300:]
    found = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    complaints = [line for line in found.stderr.splitlines() if "leadgauge.service" in line]
    assert [line for line in complaints if "is not executable: No such file" not in line] == []
