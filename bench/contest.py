"""Runs contenders one after the other, each in a process of its own, on the same sandbox over HTTP on this machine."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import requests

from bench import tools
from bench.lines import told
from commands.demo import Sandbox, sandbox

SEED = 7
FOLDER = Path(__file__).parent / "contenders"
ROOT = FOLDER.parent.parent
Ids = Mapping[str, list[Any]]


@dataclass(frozen=True)
class Contender:
    """Someone who does the job: a script with its way, and the tool in whose environment it runs, if not in ours."""

    name: str
    script: str
    way: str
    tool: str | None = None

    def command(self) -> list[str]:
        """Return the command; raise `CannotInstallError` if its tool cannot be installed."""
        if self.script.startswith("bench."):
            return [sys.executable, "-m", self.script, "--contend"]
        python = sys.executable if self.tool is None else str(tools.installed(self.tool))
        return [python, str(FOLDER / self.script)]


@dataclass(frozen=True)
class Done:
    """What a contender did, and what it took."""

    ids: Ids
    figures: Mapping[str, Any]
    calls: int


class Arena:
    """A running sandbox, and the jobs done on it."""

    def __init__(self, crm: str, running: Sandbox) -> None:
        self.crm, self.url, self.printed = crm, running.url, running.printed

    def ask(self, verb: str, path: str, **more: Any) -> Any:
        """Ask the sandbox without a proxy."""
        with requests.Session() as http:
            http.trust_env = False
            answer = http.request(verb, f"{self.url}/{path}", timeout=120, **more)
            answer.raise_for_status()
            return answer.json()

    def run(self, contender: Contender, job: Mapping[str, Any]) -> Done:
        """Let a contender do a job; return what it did."""
        order = contender.command()
        self.ask("DELETE", "_sandbox/stats")
        with TemporaryDirectory() as folder:
            ids = Path(folder) / "ids.json"
            whole = {**job, "url": self.url, "way": contender.way, "folder": folder, "ids": str(ids)}
            done = subprocess.run(
                order, input=json.dumps(whole), capture_output=True, text=True, cwd=ROOT, env=quiet(folder), check=False
            )
            if done.returncode:
                raise SystemExit(f"{contender.name} failed:\n{done.stderr[-4000:]}")
            figures = json.loads(done.stdout.splitlines()[-1])
            return Done(json.loads(ids.read_text()), figures, self.ask("GET", "_sandbox/stats")["total"])


def quiet(folder: str) -> dict[str, str]:
    """Return an environment in which tools call nobody but the sandbox, and keep their files in a folder."""
    silent = {"NO_PROXY": "*", "no_proxy": "*", "RUNTIME__DLTHUB_TELEMETRY": "false", "DLT_DATA_DIR": folder}
    return {**os.environ, **silent, "RUNTIME__LOG_LEVEL": "ERROR", "PYTHONWARNINGS": "ignore"}


@contextmanager
def arena(crm: str, leads: int) -> Iterator[Arena]:
    """Run a sandbox without rate limits in a process of its own."""
    with sandbox(crm, leads, SEED, "--no-rate-limit") as running:
        yield Arena(crm, running)


def line(bench: str, contender: Contender, done: Done, **more: Any) -> str:
    """Return the line of a contender."""
    return told(bench, way=contender.name, **more, http_calls=done.calls, **done.figures)


def missing(bench: str, contender: Contender, why: str, **more: Any) -> str:
    """Return the line of a contender that could not be installed."""
    return told(bench, way=contender.name, **more, missing=why)
