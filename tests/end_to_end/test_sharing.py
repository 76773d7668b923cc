"""Daemons on one database share its connections evenly, and one that is killed is replaced."""

import signal
import subprocess
from collections.abc import Callable
from contextlib import ExitStack

import pytest

from tests.end_to_end.test_daemon import wait_until
from tests.many import held, multiply, passes
from tests.stage import Stage

MANY = 24


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_three_daemons_share_and_one_that_is_killed_is_replaced(
    hubspot: Callable[..., Stage], new_database: Callable[[str], str]
) -> None:
    stage = hubspot(5)
    stage.configure(database=new_database("postgresql"))
    stage.provision()
    multiply(stage, MANY)
    assert stage.database is not None
    database = stage.database
    shares: list[int] = []

    def divided(*among: subprocess.Popen[str]) -> None:
        """Wait until these daemons hold equally many; no daemon ever holds more than its share once it is reached."""
        fair = {process.pid: MANY // len(among) for process in among}
        wait_until(lambda: dict(held(database)) == fair, among[0], 420)
        shares.append(max(held(database).values()))

    with ExitStack() as stack:
        first, second, third = (stack.enter_context(stage.start("run")) for _ in range(3))
        divided(first, second, third)
        wait_until(lambda: passes(database) == MANY, first, 420)
        second.kill()
        second.communicate()
        divided(first, third)
        fourth = stack.enter_context(stage.start("run"))
        divided(first, third, fourth)
        for process in (first, third, fourth):
            process.terminate()
        for process in (first, third, fourth):
            _, told = process.communicate(timeout=120)
            assert process.returncode in {0, 128 + signal.SIGTERM}, told  # the second where a pass had to be cut
            assert "Traceback" not in told
    assert shares == [MANY // 3, MANY // 2, MANY // 3]
