"""Between two passes a connection keeps neither threads nor sockets, on every CRM: a daemon has hundreds of them."""

import threading
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import psutil

from pipeline.job import Job
from pipeline.lease import leased
from pipeline.passes import BACKFILL, SYNC, Kind, Pass, Report
from tests.stage import Stage


def done(job: Job, kind: Kind) -> Report:
    with leased(job, kind.name) as lease:
        return Pass(job, kind, lease).run()


def kept(stage: Stage, before: set[threading.Thread]) -> tuple[int, int]:
    """Return how many threads there are that were not there before, without the sandbox's, and sockets to the CRM."""
    mine = [one for one in set(threading.enumerate()) - before if "AnyIO" not in one.name]
    port = urlsplit(stage.url).port
    sockets = psutil.Process().net_connections("tcp")
    return len(mine), sum(bool(one.raddr) and one.raddr.port == port for one in sockets)


def test_what_a_pass_needed_is_let_go_of_and_the_next_one_makes_it_anew(crm: Callable[..., Stage]) -> None:
    stage = crm(40)
    stage.provision()
    before = set(threading.enumerate())
    with stage.job() as job:
        done(job, BACKFILL)
        assert kept(stage, before)[1] > 0
        job.rest()
        end = time.monotonic() + 20
        while kept(stage, before) != (0, 0) and time.monotonic() < end:
            time.sleep(0.1)
        assert kept(stage, before) == (0, 0)
        assert done(job, SYNC).state == "done"
