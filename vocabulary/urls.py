"""Strip advertising parameters from URLs, so that a page is one touchpoint however it was reached."""

from typing import Final

import polars as pl

TRACKING: Final = (
    r"(?i)^(?:utm_[^=]*|_hs[^=]*|__hs[^=]*|hsctatracking|gclid|gclsrc|dclid|gbraid|wbraid|fbclid|msclkid|yclid|"
    r"ttclid|twclid|li_fat_id|igshid|mc_cid|mc_eid|mkt_tok)(?:=|$)"
)
"""Query parameters that say where a visit came from rather than what was visited."""

_HAS_QUERY: Final = r"^([^?#]*)\?([^#]*)(#.*)?$"


def without_tracking(url: pl.Expr) -> pl.Expr:
    """Return URLs without tracking parameters, otherwise unchanged."""
    parts = url.str.extract_groups(_HAS_QUERY)
    query = parts.struct[1].str.split("&")
    kept = query.list.filter(~pl.element().str.contains(TRACKING))
    rest = pl.when(kept.list.len() > 0).then(pl.concat_str(pl.lit("?"), kept.list.join("&"))).otherwise(pl.lit(""))
    bare = pl.concat_str(parts.struct[0], rest, parts.struct[2].fill_null(""))
    return pl.when(kept.list.len() < query.list.len()).then(bare).otherwise(url)
