"""A process that was paused past the end of its lease writes nothing more to the store or the CRM."""

import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from pipeline.passes import BACKFILL
from tests.chaos.driver import Order, prepare
from tests.stage import Stage

Open = Callable[..., Stage]
WRITES = {"hubspot": "/batch/update", "salesforce": "/composite/sobjects"}
SHORT = timedelta(seconds=1)


def one_after_the_other(connection: dict[str, Any]) -> None:
    if connection["crm"] == "hubspot":
        connection["limits"] = {"parallel": 1}


def test_a_paused_process_that_wakes_up_makes_no_call_after_another_took_over(crm: Open, database_url: str) -> None:
    stage = crm(450)
    stage.configure(one_after_the_other, database_url)
    stage.provision()
    prepare()
    order = Order("backfill", stage.settings_file, stage.moment, 8, stage.folder / "log", stage.environment, SHORT)
    process, paused = order.process(), threading.Event()

    def pause() -> None:
        assert process.pid
        os.kill(process.pid, signal.SIGSTOP)
        paused.set()

    stage.trap.set(1, pause, WRITES[stage.crm])
    process.start()
    assert paused.wait(60), (stage.folder / "log").read_text()
    time.sleep(2 * SHORT.total_seconds())
    taken_over = stage.do(BACKFILL, now=lambda: stage.moment)
    calls, fields = stage.calls(), stage.fields("lead_score")
    assert process.pid
    os.kill(process.pid, signal.SIGCONT)
    process.join(60)
    assert process.exitcode == 1
    assert "another process took over" in (stage.folder / "log").read_text()
    assert (stage.calls(), stage.fields("lead_score")) == (calls, fields)
    assert taken_over.tally.written == 450, "all were written again: it was unknown what the paused process had written"
    assert stage.do(BACKFILL, now=lambda: stage.moment).tally.written == 0
