"""The ISO 3166-1 code of a country, by its code or its name in several languages."""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

import polars as pl

from meaning.words import by_distinct, folded

TABLE: Final = Path(__file__).with_suffix(".txt")
"""The names in folded words by code. They are of Debian's iso-codes, and under a licence of their own."""

ALIASES: Final[Mapping[str, str]] = {
    "usa": "US", "u s a": "US", "u s": "US", "united states of america": "US", "america": "US", "estados unidos": "US",
    "etats unis": "US", "stati uniti": "US", "vereinigte staaten von amerika": "US",
    "verenigde staten": "US", "eeuu": "US",
    "ee uu": "US", "アメリカ": "US", "米国": "US", "美国": "US", "美國": "US",
    "uk": "GB", "u k": "GB", "great britain": "GB", "britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB",
    "northern ireland": "GB", "grossbritannien": "GB", "grande bretagne": "GB", "gran bretana": "GB",
    "reino unido": "GB",
    "royaume uni": "GB", "regno unito": "GB", "vereinigtes konigreich": "GB", "verenigd koninkrijk": "GB",
    "イギリス": "GB", "英国": "GB", "英國": "GB",
    "holland": "NL", "the netherlands": "NL", "russia": "RU", "russland": "RU", "russie": "RU", "south korea": "KR",
    "korea": "KR", "republic of korea": "KR", "sudkorea": "KR", "north korea": "KP", "韓国": "KR",
    "czech republic": "CZ",
    "tschechien": "CZ", "vietnam": "VN", "taiwan": "TW", "台湾": "TW", "台灣": "TW", "iran": "IR", "syria": "SY",
    "turkey": "TR", "turkei": "TR", "ivory coast": "CI", "cote d ivoire": "CI", "uae": "AE", "emirates": "AE",
    "hong kong": "HK", "macau": "MO", "macao": "MO", "palestine": "PS", "bolivia": "BO", "venezuela": "VE",
    "tanzania": "TZ", "moldova": "MD", "laos": "LA", "brunei": "BN", "swaziland": "SZ", "cape verde": "CV",
    "macedonia": "MK", "burma": "MM", "congo": "CG", "dr congo": "CD", "vatican": "VA", "kosovo": "XK", "prc": "CN",
    "mainland china": "CN", "brd": "DE", "bundesrepublik deutschland": "DE", "schweiz": "CH", "suisse": "CH",
    "svizzera": "CH", "österreich": "AT", "eire": "IE", "republic of ireland": "IE",
}  # fmt: skip
"""Names in use that the table does not have, as `folded` leaves them."""


def country(text: pl.Expr, own: Mapping[str, str]) -> pl.Expr:
    """Return the two-letter code of a country, or null where the name is not known. Own names go before."""

    def tell(texts: pl.DataFrame) -> pl.DataFrame:
        codes = {**_codes(), **dict(zip(folded_names(own), own.values(), strict=True))}
        # `Deutschland (DE)`, `United States - US`: the whole first, then the part before what is added.
        first = pl.col("text").str.extract(r"^([^(\[/|–—]+?)\s*(?:[(\[/|–—]|\s-\s|$)")
        said = texts.select(folded(pl.col("text")).alias("text"), folded(first).alias("first"))
        known = pl.all().replace_strict(codes, default=None, return_dtype=pl.String)
        return said.select(known).select(pl.coalesce("text", "first").alias("told"))

    return by_distinct(text, tell)


def folded_names(names: Iterable[str]) -> list[str]:
    """Return names as the table has them."""
    return pl.DataFrame({"name": list(names)}, {"name": pl.String}).select(folded(pl.col("name"))).to_series().to_list()


@cache
def _codes() -> Mapping[str, str]:
    """Return the codes by folded name."""
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    known = (line.split(": ") for line in lines if not line.startswith("#"))
    return {**{name: code for code, names in known for name in names.split(", ")}, **ALIASES}
