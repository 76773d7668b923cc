"""Names for messages: asked of the CRM when a message is sent, and kept nowhere."""

import logging
from collections.abc import Mapping, Sequence
from contextlib import closing
from threading import Event
from typing import Final

from config.mistakes import ConfigError
from config.settings import AnyConnection
from connectors.base import ConnectorError
from pipeline import clock
from pipeline.connect import connect
from pipeline.notify.undelivered import Undelivered
from store.notices.reading import About
from vocabulary.outputs import OFS, Of

WITHIN: Final = 20.0
"""Seconds that the CRM has to say names."""

Names = Mapping[tuple[Of, str], str]
"""Names by whose they are, and the id."""

logger: Final = logging.getLogger(__name__)


class _Limited(Event):
    """A stop event that is also set once the time is up."""

    def __init__(self, asked: Event, seconds: float) -> None:
        super().__init__()
        self._asked, self._until = asked, clock.steady() + seconds

    def is_set(self) -> bool:
        return self._asked.is_set() or clock.steady() >= self._until

    def wait(self, timeout: float | None = None) -> bool:
        left = max(self._until - clock.steady(), 0.0)
        return self._asked.wait(left if timeout is None else min(timeout, left)) or self.is_set()


def names_of(connection: AnyConnection, leads: Sequence[About], stop: Event, *, within: float = WITHIN) -> Names:
    """Return the names of leads and accounts; none if the CRM does not say them in time: a message has ids and links.

    Raises `Undelivered` if leadgauge is stopped meanwhile.
    """
    wanted: dict[Of, list[str]] = {of: list(dict.fromkeys(lead.lead for lead in leads if lead.of == of)) for of in OFS}
    try:
        with closing(connect(connection, _Limited(stop, within), hurried=True)) as connector:
            asked = {of: connector.names(ids, of) for of, ids in wanted.items() if ids}
    except (ConnectorError, ConfigError) as error:
        if stop.is_set():
            raise Undelivered("leadgauge was stopped") from None
        logger.warning("Messages go out without names: %s", error)
        return {}
    return {(of, id_): name for of, found in asked.items() for id_, name in found.items()}
