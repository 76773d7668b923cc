"""The daemon's pages with real clients: many requests, idle connections, and a port in use."""

import contextlib
import http.client
import json
import socket
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from prometheus_client import CollectorRegistry

from pipeline.daemon.health import Health
from pipeline.daemon.metrics import Metrics
from pipeline.daemon.serving import PortTaken, Server


@pytest.fixture
def health() -> Health:
    return Health(["main"], "database of the test")


@pytest.fixture
def server(health: Health) -> Iterator[Server]:
    made = Server(health, Metrics().registry, "127.0.0.1", 0)
    made.start()
    yield made
    made.close()


def ask(server: Server, path: str) -> tuple[int, str]:
    with closing(http.client.HTTPConnection("127.0.0.1", server.port or 0, timeout=10)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def test_every_answer_is_whole_whatever_its_length(server: Server, health: Health) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", server.port or 0, timeout=10)) as connection:
        for number in range(50):
            health.ended("main", "failed", "x" * 37 * (number % 7), 300)
            connection.request("GET", "/health")
            answer = connection.getresponse()
            told = json.loads(answer.read())
            assert answer.status == 503
            assert (told["connections"]["main"]["why"] or "") == "x" * 37 * (number % 7)


def test_what_asks_nothing_holds_nobody_up(server: Server) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(socket.create_connection(("127.0.0.1", server.port or 0)))
        assert ask(server, "/live")[0] == 200
        assert ask(server, "/metrics")[0] == 200


@pytest.mark.parametrize("begun", [b"", b"GET /live HTTP/1.1\r\nHost:", b"GET /live HTTP/1.1\r\nHost: x\r\n\r\n"])
def test_a_connection_that_asks_nothing_more_is_closed(health: Health, begun: bytes) -> None:
    server = Server(health, CollectorRegistry(), "127.0.0.1", 0, idle=0.2)
    server.start()
    with socket.create_connection(("127.0.0.1", server.port or 0), timeout=30) as idle:
        idle.sendall(begun)
        with contextlib.suppress(ConnectionResetError):
            while idle.recv(4096):
                pass
    server.close()


def test_metrics_are_prometheus_text_and_other_paths_name_the_right_ones(server: Server) -> None:
    status, text = ask(server, "/metrics")
    assert (status, "# TYPE leadgauge_passes_total counter" in text) == (200, True)
    assert ask(server, "/") == (404, '{"paths":["/live","/health","/metrics"]}')


def test_a_port_of_another_program_is_told_with_the_setting(health: Health) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        with pytest.raises(PortTaken, match=r"`metrics\.port`: cannot listen on 127\.0\.0\.1, port \d+: Address al"):
            Server(health, CollectorRegistry(), "127.0.0.1", taken.getsockname()[1]).start()
        assert PortTaken("", 0, "").exit_code == 2


def test_a_host_that_is_not_ours_is_told_with_the_setting(health: Health) -> None:
    with pytest.raises(PortTaken, match=r"cannot listen on 192\.0\.2\.1"):
        Server(health, CollectorRegistry(), "192.0.2.1", 0).start()


def test_a_port_of_another_database_s_daemon_is_a_conflict(server: Server) -> None:
    with pytest.raises(PortTaken):
        Server(Health(["main"], "another"), CollectorRegistry(), "127.0.0.1", server.port or 0).start()


def test_a_daemon_that_stands_by_takes_the_port_when_it_is_free(server: Server, health: Health) -> None:
    port = server.port or 0
    second = Server(health, CollectorRegistry(), "127.0.0.1", port)
    second.start()
    second.try_again()
    assert second.port is None
    server.close()
    end = time.monotonic() + 30
    while second.port is None and time.monotonic() < end:
        second.try_again()
    assert second.port == port
    assert ask(second, "/live")[0] == 200
    second.close()
