"""The section `cluster`: what is accepted, and what each refusal says to do."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from commands.init import starting_files
from config import ConfigError, load_settings
from config.settings import Settings

POSTGRESQL = "postgresql://leadgauge@db.example.com/leadgauge"
TLS = {"ca": "ca.pem", "certificate": "own.pem", "key": "own.key"}


def settings(folder: Path, cluster: Mapping[str, Any], database: str = POSTGRESQL) -> Settings:
    for name, text in starting_files("hubspot", "b2b-saas").items():
        (folder / name).write_text(text, encoding="utf-8")
    file, yaml = folder / "leadgauge.yaml", YAML()
    data = yaml.load(file)
    data["database"], data["cluster"] = database, dict(cluster)
    yaml.dump(data, file)
    return load_settings(file)


@pytest.mark.parametrize(
    "cluster",
    [
        {"dask": "local", "workers": 3},
        {"dask": "tcp://127.0.0.1:8786"},
        {"dask": "tcp://localhost:8786"},
        {"dask": "tcp://[::1]:8786"},
        {"dask": "tls://scheduler.example.com:8786", "tls": TLS},
    ],
)
def test_a_cluster_on_this_machine_or_with_certificates_is_accepted(tmp_path: Path, cluster: dict[str, Any]) -> None:
    found = settings(tmp_path, cluster).cluster
    assert found is not None
    assert found.dask == cluster["dask"]


@pytest.mark.parametrize(
    ("cluster", "said"),
    [
        ({"dask": "tcp://scheduler.example.com:8786"}, "Write tls://HOST:PORT and give certificates under `tls`"),
        ({"dask": "tcp://10.0.0.7:8786"}, "tcp:// is not encrypted"),
        ({"dask": "tls://scheduler.example.com:8786"}, "tls:// needs certificates. Add `tls: {"),
        ({"dask": "scheduler:8786"}, "this is not the address of a scheduler. Write `local`"),
        ({"dask": "tcp://user:word@127.0.0.1:1"}, "this is not the address of a scheduler"),
        ({"dask": "local", "tls": TLS}, "`tls` is for tls:// only"),
        ({"dask": "tcp://127.0.0.1:8786", "workers": 2}, "`workers` is for `dask: local` only"),
    ],
)
def test_what_is_refused_says_what_to_write(tmp_path: Path, cluster: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError) as raised:
        settings(tmp_path, cluster)
    assert said in str(raised.value)


def test_sqlite_is_refused_with_a_cluster(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="the database is SQLite, which one process"):
        settings(tmp_path, {"dask": "local"}, "sqlite:///leadgauge.db")
