"""Serving the pages from a thread of this process."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from config.pages import Pages
from connectors.base import ConfigurationError
from pages.app import app
from pages.current import current
from pages.scorecard.proposals import unusable
from pages.site import Site
from pipeline.http import Serving, served
from store import Store

MOST: Final = 500
"""How many connections may be open at a time: a browser opens six."""


class PagesPortTaken(Exception):  # noqa: N818 - named for the problem
    """Another program uses the port of the pages, or it cannot be used at all."""

    exit_code = 2

    def __init__(self, pages: Pages, why: str) -> None:
        super().__init__(
            f"`pages.port`: cannot listen on {pages.host}, port {pages.port}: {why}. Stop the program that uses it, or "
            "change `pages.port` in the settings; 0 takes a free port."
        )


@dataclass
class ServedSite(Serving):
    """The pages, being served."""

    site: Site

    def close(self) -> None:
        """Stop serving, and end what the pages do in the background."""
        super().close()
        self.site.close()


def serve(settings_path: Path, store: Store, pages: Pages) -> ServedSite:
    """Serve the pages.

    Raise `PagesPortTaken`, `ConfigError` for mistakes in the settings, or `ConfigurationError` if nobody could sign in
    or proposals could not be kept.
    """
    require_folder(pages)
    signs_in = pages.sign_in is not None and pages.sign_in.type != "proxy"
    site = Site(store, current(settings_path, store), signs_in, pages)
    try:
        serving = served(app(site, pages), pages.host, pages.port, "pages", most=MOST)
    except OSError as error:
        raise PagesPortTaken(pages, error.strerror or str(error)) from None
    site.warm()
    return ServedSite(serving.listener, serving.server, serving.thread, site)


def require_folder(pages: Pages) -> None:
    """Raise `ConfigurationError` if proposals cannot be kept in the folder of the settings."""
    if pages.proposals is not None and (reason := unusable(pages.proposals)):
        raise ConfigurationError(
            f"`pages.proposals`: proposals cannot be kept in {pages.proposals}: {reason}.",
            remedy="Make the folder and let leadgauge write there, or name another one.",
        )


def address(pages: Pages, port: int) -> str:
    """Return where a browser on this machine finds the pages."""
    host = f"[{pages.host}]" if ":" in pages.host else pages.host
    return f"http://{host}:{port}/"
