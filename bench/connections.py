"""What one daemon needs for many connections: `python -m bench.connections [CONNECTIONS] [LEADS]` prints one line.

Starts `leadgauge run` with many connections to one sandbox and a private PostgreSQL, waits until each has done its
first pass, and then looks at the process while it is at rest.
"""

import logging
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from tests.databases import on_server, started
from tests.many import multiply, passes
from tests.stage import Opener

REST = 60.0


def main(connections: int, leads: int) -> None:
    logging.disable(logging.WARNING)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        server = stack.enter_context(started(Path(stack.enter_context(TemporaryDirectory(prefix="bench-postgresql-")))))
        on_server(server, 'CREATE DATABASE "bench"')
        url = server.set(drivername="postgresql", database="bench").render_as_string(hide_password=False)
        stage = Opener(stack, folder).hubspot(leads)
        stage.configure(database=url)
        stage.provision()
        multiply(stage, connections)
        command = [sys.executable, "-m", "worker", *stage.command("run")]
        with (folder / "log").open("w") as log, subprocess.Popen(command, stderr=log) as daemon:
            process, began, most = psutil.Process(daemon.pid), time.monotonic(), 0
            while passes(url) < connections:
                most = max(most, process.num_threads())
                time.sleep(0.5)
            took, spent = time.monotonic() - began, process.cpu_times()
            time.sleep(REST)
            rested = process.cpu_times()
            cpu = rested.user + rested.system - spent.user - spent.system
            print(
                f"connections={connections} leads_each={leads} first_passes_s={took:.0f} "
                f"rss_mb={process.memory_info().rss // 2**20} threads_at_work={most} "
                f"threads_at_rest={process.num_threads()} cpu_at_rest={cpu / REST:.1%}"
            )
            daemon.terminate()


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*(given + [200, 20][len(given) :]))
