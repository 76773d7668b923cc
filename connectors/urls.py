"""URLs without what advertising adds to them, so that a page is one touchpoint however it was reached."""

from typing import Final

import polars as pl

_PARAMETER: Final = r"(?:utm_[^=&#]*|_hs[^=&#]*|gclid|fbclid|msclkid)(?:=[^&#]*)?"
_FOLLOWED: Final = rf"(?i)([?&])(?:{_PARAMETER}&)+"
_LAST: Final = rf"(?i)[?&]{_PARAMETER}(#|$)"


def strip_tracking(url: pl.Expr) -> pl.Expr:
    """Take `utm_*`, `gclid`, `fbclid`, `msclkid` and `_hs*` out of the query of URLs."""
    return url.str.replace_all(_FOLLOWED, "${1}").str.replace(_LAST, "${1}")
