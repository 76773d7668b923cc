"""Processes are told apart: one with the same host name and process id does not get the other's lease."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
import pytest

from pipeline.process import died, me, traces
from tests.databases import database_url, postgresql_server, template

__all__ = ["database_url", "postgresql_server", "template"]

ROOT = Path(__file__).parents[2]
CONTAINED = ("unshare", "--pid", "--fork", "--mount-proc")
"""Starts a program as process 1 of its own namespace, like a container."""

HOLD = """
import sys
from pipeline.job import Job
from pipeline.lease import leased
from pipeline.process import me
from store import LeaseHeld, Store
try:
    with Store.open(sys.argv[1]) as store, leased(Job("main", None, store), "run"):
        print("holds", me().name, flush=True)
        sys.stdin.readline()
except LeaseHeld as held:
    print("refused", me().name, flush=True)
"""


@contextmanager
def process(url: str, *within: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run a process that takes the lease of `main`; yield its output and the process."""
    order = [*within, sys.executable, "-c", HOLD, url]
    with subprocess.Popen(order, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout
        try:
            yield started.stdout.readline().strip(), started
        finally:
            started.kill()


def contained() -> bool:
    """Return whether this machine allows a process namespace."""
    try:
        return subprocess.run([*CONTAINED, "true"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not contained(), reason="makes a process namespace, which needs permissions")
def test_of_two_containers_with_one_host_name_and_number_one_holds_the_lease(database_url: str) -> None:
    with process(database_url, *CONTAINED) as (first, _), process(database_url, *CONTAINED) as (second, _):
        assert (first.split()[0], second.split()[0]) == ("holds", "refused")
        assert first.split()[1] == second.split()[1]


@pytest.mark.skipif(not contained(), reason="makes a process namespace, which needs permissions")
def test_a_number_that_is_free_here_says_nothing_of_a_process_in_a_container(database_url: str) -> None:
    with process(database_url, *CONTAINED) as (first, _), process(database_url) as (second, _):
        assert (first.split()[0], second.split()[0]) == ("holds", "refused")


def test_a_process_that_died_on_this_machine_is_replaced_at_once(database_url: str) -> None:
    with process(database_url) as (first, killed):
        killed.kill()
        killed.wait()
        with process(database_url) as (second, _):
            assert (first.split()[0], second.split()[0]) == ("holds", "holds")


def test_a_process_without_its_own_proc_never_counts_others_as_dead() -> None:
    if not contained():
        pytest.skip("makes a process namespace, which needs permissions")
    script = "from pipeline.process import traces; import os; print(traces(os.getpid()))"
    order = ["unshare", "--pid", "--fork", sys.executable, "-c", script]
    assert subprocess.run(order, cwd=ROOT, capture_output=True, text=True, check=True).stdout == "{}\n"


def identity(**changed: str) -> str:
    return orjson.dumps({"id": "x", **traces(os.getpid()), **changed}).decode()


linux = pytest.mark.skipif(not traces(os.getpid()), reason="the system does not identify boots and namespaces")


@linux
def test_a_process_that_runs_is_not_dead() -> None:
    assert not died(identity())


@linux
def test_a_number_that_another_process_has_by_now_is_dead() -> None:
    assert died(identity(began="1"))


@linux
@pytest.mark.parametrize("other", [{"boot": "another"}, {"namespace": "pid:[1]"}], ids=str)
def test_a_process_of_another_boot_or_namespace_is_never_counted_dead(other: dict[str, str]) -> None:
    assert not died(identity(began="1", **other))


@pytest.mark.parametrize("unknown", ["vm:1", "", "{}", '{"id": "x"}', "[1]"])
def test_a_process_that_left_no_trace_is_never_counted_dead(unknown: str) -> None:
    assert not died(unknown)


def test_a_forked_process_is_another_one() -> None:
    ours = me().process
    read, write = os.pipe()
    if (child := os.fork()) == 0:
        os.write(write, me().process.encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert orjson.loads(os.read(read, 1000))["id"] != orjson.loads(ours)["id"]
