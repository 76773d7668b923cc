"""Advances a population while its sandbox runs."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Final

from starlette.applications import Starlette

STEP: Final = 1.0
"""Seconds between two steps."""


def lifespan(step: Callable[[], object]) -> Callable[[Starlette], contextlib.AbstractAsyncContextManager[None]]:
    """Return an application lifespan that calls `step` repeatedly."""

    async def live() -> None:
        while True:
            await asyncio.sleep(STEP)
            step()

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        task = asyncio.create_task(live())
        yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    return lifespan
