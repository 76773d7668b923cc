"""The crew: the workers of a cluster, given some tasks at once, until all are done or no more can be expected."""

import logging
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from queue import Empty, Queue
from secrets import token_hex
from typing import Any, Final, Generic, TypeVar

from connectors.base import Interrupted
from pipeline.clock import in_words, steady
from pipeline.cluster import joining
from pipeline.cluster.errand import Refused
from pipeline.job import Job

LOOK: Final = 1.0
"""Seconds between two looks whether the cluster is still there and the work goes on."""
LOST: Final = "the connection to the scheduler was lost"

logger: Final = logging.getLogger(__name__)

Key = TypeVar("Key", bound=Hashable)


@dataclass
class Crew(Generic[Key]):
    """Gives tasks to the workers of a job's cluster."""

    job: Job
    fetches: bool
    """Whether what a task returns is wanted: it waits on its worker, and is computed again if that dies."""
    why: str = ""
    """Why tasks were left undone."""

    def __post_init__(self) -> None:
        assert self.job.cluster is not None, "only used where the settings name a cluster"
        self._cluster, self.options = self.job.cluster, self.job.cluster.options

    def done(self, work: Callable[..., Any], tasks: Mapping[Key, tuple[Any, ...]]) -> Iterator[tuple[Key, Any]]:
        """Yield what each task returned, in the order in which they end, and stop early if more cannot be expected."""
        if not tasks:
            return
        try:
            client = joining.joined(self._cluster)
        except joining.NotJoined as error:
            self.why = str(error)
            return
        ended: Queue[tuple[Key, Any]] = Queue()
        futures, left = self._submitted(client, work, tasks, ended), len(tasks)
        try:
            for key, future in self._ended(client, ended, left):
                yield key, self._returned(future)
                left -= 1
                futures.pop(key).release()
        except _Lost as error:
            self.why = str(error)
        finally:
            for future in futures.values():
                future.release()  # without waiting for a scheduler that may be gone
            if left or client.status != "running":
                joining.leave(self._cluster)

    def report(self, undone: int, all_: int, did: str) -> str | None:
        """Return in words what the cluster left to this machine, and why; None if it did all."""
        if not undone:
            return None
        how_much = "all" if undone == all_ else f"{undone} of {all_}"
        text = f"This machine {did} {how_much} chunks alone instead of {self.options.name}: {self.why}."
        logger.warning("%s: %s", self.job.name, text)
        return text

    def stop_if_asked(self) -> None:
        """Raise `Interrupted` if the pass is to stop."""
        if self.job.permit.is_set():
            raise Interrupted("Asked to stop between two chunks; the next run scores everyone again.")

    def _submitted(
        self,
        client: Any,
        work: Callable[..., Any],
        tasks: Mapping[Key, tuple[Any, ...]],
        ended: Queue[tuple[Key, Any]],
    ) -> dict[Key, Any]:
        """Give all tasks to the scheduler; each is put into the queue when it ends, however it does."""
        mark, futures = token_hex(6), {}
        for number, (key, given) in enumerate(tasks.items()):
            future = client.submit(work, *given, key=f"leadgauge-{mark}-{number}", pure=False)
            future.add_done_callback(lambda over, key=key: ended.put((key, over)))
            futures[key] = future
        return futures

    def _ended(self, client: Any, ended: Queue[tuple[Key, Any]], tasks: int) -> Iterator[tuple[Key, Any]]:
        """Yield what workers complete, until all is, the cluster is lost, or none completes anything any more."""
        seen, moved_at = 0, steady()
        while seen < tasks and not self._is_lost(client, moved_at):
            self.stop_if_asked()
            try:
                key, future = ended.get(timeout=LOOK)
            except Empty:
                continue
            seen += 1
            if future.status == "finished":
                moved_at = steady()
                yield key, future
            elif self._cannot_go_on(future):
                return

    def _returned(self, future: Any) -> Any:
        if not self.fetches:
            return None
        try:
            return future.result(timeout=self.options.patience.total_seconds())
        except Exception as error:
            raise _Lost(f"a worker did not hand over what it had done ({type(error).__name__})") from error

    def _cannot_go_on(self, future: Any) -> bool:
        """Note why a task failed; return whether the others would too."""
        if future.status != "error":
            self.why = LOST
            return True
        error = future.exception()
        logger.warning("%s: a chunk failed on the cluster: %s", self.job.name, error)
        self.why = f"{type(error).__name__}: {error}" if not isinstance(error, Refused) else str(error)
        return isinstance(error, Refused)

    def _is_lost(self, client: Any, moved_at: float) -> bool:
        patience = self.options.patience
        if client.status != "running":
            self.why = LOST
        elif steady() - moved_at > patience.total_seconds():
            self.why = f"no worker completed a chunk for {in_words(patience)}"
        else:
            return False
        return True


class _Lost(Exception):  # noqa: N818 - named for what happened
    """The cluster cannot be counted on any more."""
