"""The real sets, each judged where its file is in one of the folders; none of them is in the repository."""

import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import polars as pl

from bench.trials import DatedTrial, Rows, Source, of_rows

SHARED = Path(__file__).parents[2] / "shared" / "data"
FOLDERS = "LEADGAUGE_DATA"
"""The environment variable with further folders."""
X_EDUCATION = Rows("Converted", order="Lead Number", share=0.4)
TABLES = {
    "xeducation_leads.csv": X_EDUCATION,
    "Leads.csv": X_EDUCATION,
    "xeducation_oldest60.csv": X_EDUCATION,
    "bank_oldest85.csv": Rows("y"),
    "online_shoppers_intention.csv": Rows("Revenue", without=("PageValues",), mixed=True),
    "ExtraaLearn.csv": Rows("status", mixed=True),
    "marketing_campaign.csv": Rows("Response", mixed=True, honest=("Dt_Customer",), as_of="2014-06-30"),
}
DRAWS = 3
"""How many random parts are held out in turn where order means nothing."""
REPLACED = {"xeducation_oldest60.csv": {"xeducation_leads.csv", "Leads.csv"}}
"""Files that hold only a part of others."""


def found(folders: Sequence[Path]) -> Iterator[tuple[str, Source]]:
    """Yield the name and the source of each set that is there."""
    there = {path.name: path for folder in folders if folder.is_dir() for path in sorted(folder.iterdir())}
    for name, rows in TABLES.items():
        if name in there and not REPLACED.get(name, set()) & there.keys():
            yield Path(name).stem, Source(partial(of_rows, there[name], rows), DRAWS if rows.mixed else 1)
    if "completejourney" in there:
        yield "completejourney", Source(lambda _: journey(there["completejourney"]))
    if "CDNOW_master.txt" in there:
        yield "cdnow", Source(lambda _: cdnow(there["CDNOW_master.txt"]))


def folders(named: Sequence[str]) -> list[Path]:
    """Return the folders to look in: the shared one, those of the environment and those named."""
    others = [each for each in os.environ.get(FOLDERS, "").split(os.pathsep) if each]
    return [SHARED, *(Path(each) for each in (*others, *named))]


def journey(folder: Path) -> DatedTrial:
    """Mail households: a lead is a household in a campaign, and converts when it redeems a coupon of it."""
    mailed = pl.read_csv(folder / "campaigns.csv").join(
        pl.read_csv(folder / "campaign_descriptions.csv", try_parse_dates=True), on="campaign_id"
    )
    who = mailed.with_columns(id=pl.format("{}-{}", "campaign_id", "household_id"))
    as_of = datetime(2017, 10, 31, tzinfo=UTC)
    leads = who.join(pl.read_csv(folder / "demographics.csv"), on="household_id", how="left")
    leads = leads.rename({"start_date": "created_at", "end_date": "closed_at"}).drop("campaign_id")
    leads = leads.with_columns(_at("created_at"), _at("closed_at")).filter(pl.col("created_at") < as_of)
    used = pl.read_csv(folder / "coupon_redemptions.csv").with_columns(_at("redemption_date").alias("occurred_at"))
    won = used.join(who.select("id", "campaign_id", "household_id"), on=["campaign_id", "household_id"])
    bought = pl.read_csv(folder / "transactions_sample.csv").with_columns(
        _at("transaction_timestamp").alias("occurred_at")
    )
    done = pl.concat(
        [
            bought.select("household_id", "occurred_at", kind=pl.lit("purchase")),
            used.select("household_id", "occurred_at", kind=pl.lit("redemption")),
        ]
    )
    outcomes = won.select(lead_id="id", converted_at="occurred_at").filter(
        pl.col("lead_id").is_in(leads["id"].implode())
    )
    return DatedTrial(leads.sort("created_at"), _of_leads(done, leads, "household_id", as_of), outcomes, as_of)


def cdnow(path: Path) -> DatedTrial:
    """Take each purchase of every fifth customer as a lead, which converts with the next one."""
    words = pl.Series([line.split() for line in path.read_text().splitlines()])
    bought = pl.DataFrame({"customer": words.list.get(0), "occurred_at": words.list.get(1)}).with_columns(
        pl.col("occurred_at").str.to_datetime("%Y%m%d", time_zone="UTC"),
        discs=words.list.get(2).cast(pl.Float64),
        dollars=words.list.get(3).cast(pl.Float64),
    )
    some = bought.filter(pl.col("customer").cast(pl.Int64) % 5 == 0).unique(["customer", "occurred_at"], keep="first")
    ordered = some.sort("customer", "occurred_at").with_row_index("id").with_columns(pl.format("p{}", "id").alias("id"))
    moments = ordered["occurred_at"].to_list()
    as_of = min(moments) + 0.7 * (max(moments) - min(moments))
    leads = ordered.rename({"occurred_at": "created_at"})
    following = leads.select(lead_id="id", converted_at=pl.col("created_at").shift(-1).over("customer")).drop_nulls()
    kept = leads.filter(pl.col("created_at") < as_of).sort("created_at")
    done = ordered.select("customer", "occurred_at", kind=pl.lit("purchase"))
    return DatedTrial(
        kept,
        _of_leads(done, kept, "customer", as_of),
        following.filter(pl.col("lead_id").is_in(kept["id"].implode())),
        as_of,
        options=("--group", "customer"),
    )


def _at(column: str) -> pl.Expr:
    """Return a column as times, whether it holds texts or days."""
    text = pl.col(column).cast(pl.String).str.slice(0, 19).str.replace("T", " ")
    day = text.str.to_datetime("%Y-%m-%d", strict=False, time_zone="UTC")
    return pl.coalesce(text.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False, time_zone="UTC"), day).alias(column)


def _of_leads(done: pl.DataFrame, leads: pl.DataFrame, who: str, as_of: datetime) -> pl.DataFrame:
    """Return what people did as activities of each of their leads."""
    rows = done.filter(pl.col("occurred_at") <= as_of).join(leads.select(who, lead_id="id"), on=who)
    numbered = rows.sort("occurred_at").with_row_index("id").with_columns(pl.format("a{}", "id").alias("id"))
    return numbered.select("lead_id", "id", "kind", "occurred_at")
