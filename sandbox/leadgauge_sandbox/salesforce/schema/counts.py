"""The numbers of a campaign that follow from its members: they are not stored, and a change of them bumps no stamp."""

from typing import Final

import polars as pl

_LEAD, _CONTACT = pl.col("LeadId").is_not_null(), pl.col("ContactId").is_not_null()
COUNTS: Final = {
    "NumberOfLeads": _LEAD & ~_CONTACT,
    "NumberOfConvertedLeads": _LEAD & _CONTACT,
    "NumberOfContacts": _CONTACT,
    "NumberOfResponses": pl.col("HasResponded").fill_null(value=False),
}
"""Which members each number counts. That a converted lead counts as its contact alone is a guess."""
NO_MEMBERS: Final = pl.DataFrame(
    schema={"CampaignId": pl.String, "LeadId": pl.String, "ContactId": pl.String, "HasResponded": pl.Boolean}
    | {"IsDeleted": pl.Boolean}
)


def counted(campaigns: pl.DataFrame, ids: pl.Series, members: pl.DataFrame) -> pl.DataFrame:
    """Return campaigns with these ids and the numbers that they have; one that somebody wrote stays as it is."""
    wanted = [name for name in COUNTS if name in campaigns.columns]
    live = members.filter(~pl.col("IsDeleted").fill_null(value=False))
    numbers = live.group_by("CampaignId").agg(COUNTS[name].sum().cast(pl.Int64).alias(f"{name} now") for name in wanted)
    beside = campaigns.with_columns(ids.alias("campaign")).join(
        numbers, left_on="campaign", right_on="CampaignId", how="left", maintain_order="left"
    )
    return beside.with_columns(
        pl.coalesce(name, f"{name} now", pl.lit(0)).cast(campaigns.schema[name]).alias(name) for name in wanted
    ).select(campaigns.columns)
