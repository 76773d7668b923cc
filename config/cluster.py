"""The machines that score together: the section `cluster` of the settings."""

import re
from datetime import timedelta
from ipaddress import ip_address
from typing import Final, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from config.files import LocalFile
from config.section import Strict
from vocabulary.units import Span

LOCAL: Final = "local"
FORMS: Final = "write `local`, tls://HOST:PORT, or tcp://127.0.0.1:PORT on this machine"


class Certificates(Strict):
    """The files by which this machine and the scheduler prove to each other who they are (mutual TLS, PEM)."""

    ca: LocalFile = Field(description="The certificate of the authority that signed those of all machines.")
    certificate: LocalFile = Field(description="This machine's certificate.")
    key: LocalFile = Field(description="The private key of that certificate.")


class ClusterOptions(Strict):
    """The cluster that scores everyone, in a backfill, sweep, large refresh or plan, and reads for `calibrate`."""

    dask: str = Field(
        description="The address of a Dask scheduler, such as tls://scheduler.example.com:8786, or `local` for worker"
        " processes on this machine. tcp:// is not encrypted, and allowed only on this machine.",
    )
    workers: int | None = Field(
        default=None, ge=1, le=256, description="With `local`: how many workers. Default: one for each processor."
    )
    tls: Certificates | None = Field(default=None, description="The certificate files; required for tls://.")
    chunk: int = Field(
        default=50_000,
        ge=10,
        le=1_000_000,
        description="About how many leads a worker scores at a time: more need more memory, fewer are spread better.",
    )
    wait: Span = Field(
        default=timedelta(minutes=2),
        ge=timedelta(seconds=1),
        le=timedelta(minutes=10),
        description="How long to wait for the scheduler, for a first worker, and for what workers say of themselves,"
        " before this machine does the work alone. A worker that has just started needs some seconds for imports.",
    )
    patience: Span = Field(
        default=timedelta(minutes=10),
        ge=timedelta(seconds=1),
        description="If no worker completes a chunk for this long, this machine does those that are left.",
    )

    @field_validator("dask")
    @classmethod
    def _address(cls, value: str) -> str:
        if value == LOCAL:
            return value
        if not re.fullmatch(r"(tls|tcp)://[^\s/@]+:\d{1,5}/?", value):
            raise ValueError(f"this is not the address of a scheduler: {FORMS}")
        if value.startswith("tcp://") and not _is_loopback(urlsplit(value).hostname or ""):
            raise ValueError(
                "tcp:// is not encrypted and lets anyone run code on the workers, so it is allowed on this machine only"
                " (127.0.0.1): write tls://HOST:PORT and give certificates under `tls`"
            )
        return value.rstrip("/")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.dask.startswith("tls://") and self.tls is None:
            raise ValueError("tls:// needs certificates: add `tls: {ca: FILE, certificate: FILE, key: FILE}`")
        if not self.dask.startswith("tls://") and self.tls is not None:
            raise ValueError("`tls` is for tls:// only: change the address, or remove `tls`")
        if self.workers is not None and self.dask != LOCAL:
            raise ValueError("`workers` is for `dask: local` only: elsewhere the workers register with the scheduler")
        return self

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return "the workers of this machine" if self.dask == LOCAL else self.dask


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
