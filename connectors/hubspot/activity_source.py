"""A source of activities in a module of its own, as the connector sees it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.hubspot.transport import Transport

if TYPE_CHECKING:  # `sources` imports the modules that import this one
    from connectors.hubspot.sources import Make, Sources
    from vocabulary.pages import Stream


@dataclass(frozen=True, slots=True)
class ActivitySource:
    """What the connector asks of a source; its option in `ActivitySettings` names it (`ReadBy`)."""

    name: str
    """What `check` calls it."""
    streams: "Callable[[Sources, Any], Iterable[tuple[Stream, Make]]]"
    """Returns its streams, given the value of its option; none where that switches it off."""
    wanted: Callable[[Any], bool] = bool
    """Returns whether the value of its option switches it on."""
    probe: Callable[[Transport], object] | None = None
    """Makes the smallest call that shows whether the portal and the token give it."""
    deleted: str | None = None
    """The type of object whose deleted records the recycle bin lists."""
