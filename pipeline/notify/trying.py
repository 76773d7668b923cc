"""What a sink would be told, without sending it: to look at templates and wording before a message is due."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from pipeline.notify.delivering import Delivery
from pipeline.notify.message import Message
from store.notices.reading import About

FEW: Final = 3
_FAR: Final = timedelta(days=3650)
_TROUBLE: Final = {"what": "a pass failed", "message": "This is an example: the reason and what to do.", "run": 1}


def tried(delivery: Delivery, sink: str) -> Iterator[Message]:
    """Yield a message of each kind that a sink is told, about a few who have the first priority now.

    If nobody has it, about an invented lead. Raises `Unsayable` if a template cannot be filled in.
    """
    options = delivery.told.sinks[sink]
    leads = _some(delivery, sink)
    words = delivery.words(options, leads)
    for about in options.about:
        match about:
            case "priority":
                yield words.of_leads(options, leads, ("try",))
            case "digest":
                yield words.of_digest(options, leads[:1], leads[1:] or leads, ("try",))
            case "trouble":
                yield words.of_trouble(options, _TROUBLE, ("try",))


def _some(delivery: Delivery, sink: str) -> Sequence[About]:
    now = delivery.now()
    found = delivery.cooling(delivery.told.sinks[sink], now + _FAR)[:FEW]
    first = next(iter(delivery.first.values()), "P1")
    return found or [About("12345", "", first, 61, "An example: why now", "The next step", now, None)]
