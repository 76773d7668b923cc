"""What the sources of a warehouse bring, according to the settings."""

from typing import Final

from connectors.brought import Brought, brought
from connectors.warehouse.settings import Warehouse

_OPTIONS: Final = ("url", "name", "seconds", "value")


def brings(settings: Warehouse) -> list[Brought]:
    """Return what each source brings."""
    return [
        brought(f"{name} of the warehouse", told.kinds, *(one for one in _OPTIONS if getattr(told, one)))
        for name, told in settings.activities.items()
    ]
