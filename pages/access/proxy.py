"""Signing in by a proxy, which names the person in a header."""

from collections.abc import Sequence
from ipaddress import ip_address

from starlette.requests import Request
from starlette.routing import BaseRoute

from config.pages import ByProxy
from pages.access.person import Person


class Proxy:
    """People whom a proxy has signed in."""

    routes: Sequence[BaseRoute] = ()

    def __init__(self, settings: ByProxy) -> None:
        self._settings, self._networks = settings, settings.networks

    def person(self, request: Request) -> Person | None:
        """Return whom the proxy names, if it is the proxy that asks."""
        named = request.headers.getlist(self._settings.header)
        if len(named) != 1 or not named[0].strip() or not self._is_proxy(request):
            return None
        name = named[0].strip()
        role = self._settings.roles.of([name, *self._groups(request)])
        return Person(name, role) if role else None

    def _groups(self, request: Request) -> list[str]:
        if self._settings.groups is None:
            return []
        return [group.strip() for group in request.headers.get(self._settings.groups, "").split(",")]

    def _is_proxy(self, request: Request) -> bool:
        address = ip_address(request.client.host) if request.client else None
        return address is not None and any(address in network for network in self._networks)
