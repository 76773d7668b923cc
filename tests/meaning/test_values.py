"""Numbers, ranges, countries and mailboxes as people write them."""

from concurrent.futures import ThreadPoolExecutor

import polars as pl
import pytest

from meaning.countries import country
from meaning.mailboxes import domain, free_mailbox
from meaning.numbers import middle, number

NUMBERS = {
    "1,001": 1001, "10k": 10_000, "10 K": 10_000, "$1.5M": 1_500_000, "1.5 Mio. €": 1_500_000, "50+": 50, "1.234.567": 1_234_567,
    "1,234,567.89": 1_234_567.89, "1.234.567,89": 1_234_567.89, "1 234": 1234, "1'000": 1000, "1.500": 1500, "2.5": 2.5, "2,5": 2.5,
    "0.125": 0.125, "-5": -5, "USD -1,200": -1200, "~300 employees": 300, "5 members": 5, "€ 3 Mrd": 3e9, "1.5bn": 1.5e9, "3万": 30_000,
    "12345.678": 12345.678, "1e6": 1e6, "1.500k": 1500, "12": 12, "12 ": 12, ".5": 0.5,
}  # fmt: skip
NO_NUMBERS = ("11-50", "many", "", "10k–50k", "31.12.2026", "1.2.3", "nan", "inf", "12 or 13")
RANGES = {
    "11-50": 30.5, "50+": 50, "10k–50k": 30_000, "10-50k": 30_000, "1,001-5,000": 3000.5, "< 10": 5, "<10": 5, "up to 10": 5, "> 500": 500,
    "10001+": 10001, "200 - 500 employees": 350, "11 to 50": 30.5, "11 bis 50": 30.5, "1.001–5.000": 3000.5, "$1M - $10M": 5_500_000,
    "bis zu 20": 10, "300": 300, "5K to 10K": 7500, "10～50人": 30,
}  # fmt: skip
COUNTRIES = {
    "USA": "US", "U.S.A.": "US", "United States": "US", "United States of America": "US", "us": "US", "Estados Unidos": "US",
    "Deutschland": "DE", "DE": "DE", "deu": "DE", "Germany (DE)": "DE", "Alemania": "DE", "Allemagne": "DE", "ドイツ": "DE", "德国": "DE",
    "Großbritannien": "GB", "UK": "GB", "England": "GB", "Royaume-Uni": "GB", "Holland": "NL", "The Netherlands": "NL", "Österreich": "AT",
    "Schweiz": "CH", "Suisse": "CH", "Korea, Republic of": "KR", "South Korea": "KR", "Czech Republic": "CZ", "Türkei": "TR",
    "Côte d'Ivoire": "CI", "Norway": "NO", "no": "NO", "日本": "JP", "中国": "CN", "España": "ES", "Brasil": "BR", "Brazil": "BR",
    "Russian Federation": "RU", "Viet Nam": "VN", "Vietnam": "VN", "Italia": "IT", "Frankreich": "FR", "United Kingdom - GB": "GB",
}  # fmt: skip
MAILBOXES = {
    "p@gmail.com": True, "p@GMail.com": True, "p@web.de": True, "p@gmx.de": True, "p@acme.example": False, "gmail.com": True,
    "acme.example": False, "nobody": None, "": None, "p@hotmail.com": True, "p@yahoo.com": True, "p@icloud.com": True, "p@qq.com": True,
    "p@outlook.com": True, "p@proton.me": True,
}  # fmt: skip


def column(texts: list[str], expression: pl.Expr) -> list[object]:
    return pl.DataFrame({"text": texts}).select(expression).to_series().to_list()


TEXT = pl.col("text")


def test_numbers_are_read_as_people_write_them() -> None:
    assert dict(zip(NUMBERS, column(list(NUMBERS), number(TEXT)), strict=True)) == pytest.approx(NUMBERS)


def test_what_is_not_one_number_is_none() -> None:
    assert dict(zip(NO_NUMBERS, column(list(NO_NUMBERS), number(TEXT)), strict=True)) == dict.fromkeys(NO_NUMBERS)


def test_range_becomes_its_middle_and_an_open_one_its_bound() -> None:
    assert dict(zip(RANGES, column(list(RANGES), middle(TEXT)), strict=True)) == pytest.approx(RANGES)


def test_countries_become_iso_codes_in_any_language() -> None:
    assert dict(zip(COUNTRIES, column(list(COUNTRIES), country(TEXT, {})), strict=True)) == COUNTRIES


def test_unknown_country_is_null_and_own_names_go_first() -> None:
    assert column(["Atlantis", "Deutschl.", "USA"], country(TEXT, {"Deutschl.": "DE", "USA": "UM"})) == [
        None,
        "DE",
        "UM",
    ]


def test_mailboxes_of_free_providers_are_known() -> None:
    assert dict(zip(MAILBOXES, column(list(MAILBOXES), free_mailbox(TEXT, ())), strict=True)) == MAILBOXES
    assert column(["p@isp.example"], free_mailbox(TEXT, ("ISP.example",))) == [True]


def test_domain_is_what_follows_the_at() -> None:
    assert column(["P@Acme.Example ", "nobody"], domain(TEXT)) == ["acme.example", None]


def test_domain_of_a_website_is_its_host() -> None:
    sites = [
        "https://www.Acme.example/about?a=b@c",
        " acme.example ",
        "http://acme.example:8080",
        "acme",
        "acme.example/x y",
    ]
    assert column(sites, domain(TEXT)) == ["www.acme.example", "acme.example", "acme.example", None, None]


def test_pages_read_in_parallel_get_their_values_however_much_is_remembered() -> None:
    expression = number(TEXT)
    pages = [[f"{page * 4000 + row}k" for row in range(6000)] for page in range(40)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda texts: column(texts, expression), pages))
    assert found == [[(page * 4000 + row) * 1000.0 for row in range(6000)] for page in range(40)]
