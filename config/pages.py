"""Where the pages are served."""

from ipaddress import ip_address
from typing import Self

from pydantic import Field, model_validator

from config.section import Strict


class Pages(Strict):
    """Where the pages are served, for people who answer for the score."""

    port: int = Field(
        default=9465, ge=0, le=65535, description="The port to listen on. 0 picks a free port and logs it."
    )
    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="The address to listen on. The default accepts local connections only.",
    )

    @property
    def is_local(self) -> bool:
        """Return whether only this machine can reach the pages."""
        return is_loopback(self.host)

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if not self.is_local:
            raise ValueError(f"`host: {self.host}` lets other machines in: keep the pages on 127.0.0.1")
        return self


def is_loopback(host: str) -> bool:
    """Return whether an address is one of this machine's loopback addresses."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
