"""Addresses of web servers in the settings."""

from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, WithJsonSchema

_OURS: Final = ("localhost", "127.")
_SCHEMA: Final = {"type": "string", "pattern": r"^https?://[^\s/]+/?$"}


def server_address(text: str) -> str:
    """Return the address of a web server without a slash at its end; raise ValueError with what to write instead."""
    given = text.strip()
    parts = urlsplit(given if "//" in given else f"//{given}")
    host = parts.netloc.rpartition("@")[2]
    if not host or any(one.isspace() for one in given):
        raise ValueError(f"'{text}' is no address of a web server: write https:// and its name")
    if parts.username is not None:
        raise ValueError(
            f"the address of {host} has a user name in it: write https://{host}, and put secrets elsewhere"
        )
    if parts.scheme not in {"http", "https"}:
        scheme = "http" if host.startswith(_OURS) else "https"
        raise ValueError(f"'{text}' does not begin with {scheme}://: write {scheme}://{host}")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(f"'{text}' has more than the name of the server: write {parts.scheme}://{host}")
    if not _has_port(given):
        raise ValueError(
            f"'{text}' has a port that is no number from 1 to 65535: write one such as {host.partition(':')[0]}:8080"
        )
    return f"{parts.scheme}://{host}"


def _has_port(address: str) -> bool:
    """Return whether the port is a number, or absent."""
    try:
        return urlsplit(address).port != 0
    except ValueError:
        return False


ServerAddress = Annotated[str, AfterValidator(server_address), WithJsonSchema(_SCHEMA)]
"""The address of a web server, such as `https://api.hubapi.com`."""
