"""Made-up leads, accounts, deals and activities for `bench.scoring`."""

from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq
from numpy.typing import NDArray

AS_OF = "2026-11-22T12:00:00Z"
ACTIVITIES_PER_LEAD = 20
BATCH = 100_000
LEADS_PER_ACCOUNT = 5
DAY = 86_400_000_000
KINDS = [
    "page_view", "email_open", "email_click", "form_submit", "content_download", "webinar_register", "webinar_attend",
    "event_attend", "demo_request", "pricing_request", "product_use", "chat", "call", "meeting", "sales_email",
    "unsubscribe",
]  # fmt: skip
COMMONNESS = [40, 20, 8, 3, 4, 2, 2, 1, 0.5, 0.5, 8, 2, 3, 1, 4, 0.5]
PAGES = ["pricing", "blog", "careers", "docs", "product", "customers", "security", "integrations"]
TITLES = ["Chief Technology Officer", "VP Sales", "Head of Marketing", "Engineer", "Analyst", "Founder", None]
INDUSTRIES = ["Software", "SaaS", "Finance", "Retail", "IT services", "Health", None]
SEGMENTS = ["partners", "customers", "webinar guests", "partners;customers"]
ROLES = ["Decision maker", "User", "Finance"]
COUNTRIES = ["DE", "FR", "NL", "GB", "US", "NO", "JP", None]


def write_leads(path: Path, leads: int) -> None:
    rng = np.random.default_rng(1)
    pick = lambda values: pl.Series(values, dtype=pl.String).gather(rng.integers(0, len(values), leads))  # noqa: E731 - three columns alike
    pl.DataFrame(
        {
            "id": pl.int_range(leads, eager=True).cast(pl.String).str.zfill(9),
            "job_title": pick(TITLES),
            "industry": pick(INDUSTRIES),
            "country": pick(COUNTRIES),
            "employees": np.round(rng.lognormal(4, 2, leads)),
            "budget": np.round(rng.lognormal(9, 1.5, leads)),
            "is_student": rng.random(leads) < 0.05,
            "created_at": moments(rng, leads),
            "recycled_at": moments(rng, leads).set(pl.Series(rng.random(leads) < 0.9), None),
            "contract_end": moments(rng, leads).set(pl.Series(rng.random(leads) < 0.7), None),
            "segments": pick([*SEGMENTS, None, None]),
            "buying_role": pick([*ROLES, None, None, None]),
            "account_id": named("account", rng.integers(0, accounts_of(leads), leads)),
        }
    ).write_parquet(path, compression="zstd")


def accounts_of(leads: int) -> int:
    """Return how many accounts these leads have."""
    return max(1, leads // LEADS_PER_ACCOUNT)


def named(what: str, numbers: NDArray[np.int64]) -> pl.Series:
    return pl.select(pl.lit(f"{what}:") + pl.lit(pl.Series(numbers)).cast(pl.String).str.zfill(9)).to_series()


def moments(rng: np.random.Generator, count: int) -> pl.Series:
    """Return times of the two years before the time of scoring, and of the month after it."""
    now = int(np.datetime64(AS_OF.removesuffix("Z"), "us").astype(int))
    return pl.Series(now - rng.integers(-30 * DAY, 730 * DAY, count)).cast(pl.Datetime("us", "UTC"))


def write_accounts(path: Path, leads: int) -> None:
    rng, count = np.random.default_rng(3), accounts_of(leads)
    pl.DataFrame(
        {
            "id": named("account", np.arange(count)),
            "employees": np.round(rng.lognormal(4, 2, count)),
            "industry": pl.Series(INDUSTRIES, dtype=pl.String).gather(rng.integers(0, len(INDUSTRIES), count)),
        }
    ).write_parquet(path, compression="zstd")


def write_deals(path: Path, leads: int) -> None:
    """Write a deal for every fourth lead."""
    rng, count = np.random.default_rng(4), leads // 4
    lead = rng.integers(0, leads, count)
    people = pl.read_parquet(path.parent / "leads.parquet", columns=["id", "account_id"])
    pl.DataFrame(
        {
            "id": named("deal", np.arange(count)),
            "lead_id": people["id"].gather(lead),
            "account_id": people["account_id"].gather(lead),
            "amount": np.round(rng.lognormal(8, 2, count)),
            "open": rng.random(count) < 0.3,
            "closed_at": moments(rng, count),
        }
    ).write_parquet(path, compression="zstd")


def write_activities(path: Path, leads: int, per_lead: int = ACTIVITIES_PER_LEAD) -> None:
    """Write the activities in chronological order, like an export."""
    rng = np.random.default_rng(2)
    urls = pl.Series([f"https://example.com/{page}/{number}" for page in PAGES for number in range(250)])
    assets = pl.Series([f"Asset {number}" for number in range(300)])
    total, start = leads * per_lead, int(np.datetime64("2025-10-01", "us").astype(int))
    step = (int(np.datetime64("2026-11-22T12", "us").astype(int)) - start) // total
    share = np.array(COMMONNESS) / sum(COMMONNESS)
    writer: pq.ParquetWriter | None = None
    for first in range(0, total, BATCH * 10):
        rows = min(BATCH * 10, total - first)
        kind = rng.choice(len(KINDS), rows, p=share)
        visit = kind == 0
        frame = pl.DataFrame(
            {
                "lead_id": pl.Series((leads * rng.random(rows) ** 1.5).astype(np.int64)).cast(pl.String).str.zfill(9),
                "id": pl.select("event:" + pl.int_range(first, first + rows).cast(pl.String)).to_series(),
                "kind": pl.Series(KINDS).gather(kind),
                "occurred_at": pl.Series(start + step * np.arange(first, first + rows)).cast(pl.Datetime("us", "UTC")),
                "url": urls.gather(rng.integers(0, len(urls), rows)).set(pl.Series(~visit), None),
                "name": assets.gather(rng.integers(0, len(assets), rows)).set(pl.Series(visit), None),
                "seconds": pl.Series(np.round(rng.exponential(60, rows))).set(pl.Series(~visit), None),
                "value": pl.Series(np.zeros(rows)).set(pl.Series(rng.random(rows) < 0.99), None),
            }
        ).to_arrow()
        writer = writer or pq.ParquetWriter(path, frame.schema, compression="zstd")
        writer.write_table(frame)
    assert writer
    writer.close()
