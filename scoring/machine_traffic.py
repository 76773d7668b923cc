"""Machine traffic: opens, clicks and page views of scanners and privacy proxies, recognised from their sequence.

`docs/machine-traffic.md` says what each reason rests on. Nothing here asks who sent a request: neither CRM tells the
address that an event came from. What was done in which order is enough for most of it, and is judged anew whenever
something is added, so that a click can give away the open before it.
"""

from collections.abc import Collection, Mapping
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from vocabulary.fields import TIME

VERSION: Final = 1
"""The version of what follows. A higher one marks everything anew: raise it with every change of what is recognised."""

REASONS: Final[Mapping[str, str]] = {
    "burst": "several links within two seconds of each other",
    "at_delivery": "within ten seconds of being sent",
    "before_open": "clicked more than a minute before the mail was first opened",
    "all_links": "all links of the mail within a minute",
    "beside": "opened up to two minutes before a machine clicked",
    "bulk": "three or more mails opened at once",
    "prefetch": "the first open of a mail, as most mails of the lead are opened within a minute of being sent",
    "domain": "within two minutes of being sent, at a mail domain that scans nearly every mail",
    "views": "more pages than a person can view",
    "followed": "viewed within two seconds of a machine's click",
}
"""Why an activity is taken for a machine's, and how that is said."""
OF_SCANNERS: Final = ("burst", "at_delivery", "before_open", "all_links")
"""The reasons of clicks that count for the verdict on a mail domain: those that follow from one mail to one lead.

Opens do not count: a privacy proxy opens mails of one person, whatever the domain, and clicks none.
"""

OPEN: Final = "email_open"
CLICK: Final = "email_click"
VIEW: Final = "page_view"
KINDS: Final = (OPEN, CLICK, VIEW)
"""The kinds of activities that can be a machine's."""

MARKS: Final = pl.Schema({"lead": pl.String(), "id": pl.String(), "reasons": pl.String(), "evidence": pl.String()})
"""`reasons` names them in order, `evidence` each with its figure, which may change later: `at_delivery:4 burst:9`."""
TALLIES: Final = pl.Schema({"mail_domain": pl.Int64(), "lead": pl.String(), "mails": pl.Int64(), "scanned": pl.Int64()})
"""How many mails to an address of the domain a lead opened or clicked, and how many of these a scanner clicked."""

SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
"""A source that tells days or minutes only says nothing of seconds: half of a lead's times are whole minutes then."""
BURST: Final = 2 * SECOND
ALIKE: Final = 3
"""So many clicks in a burst are a machine's although the CRM does not say which links they were on."""
DELIVERY: Final = 10 * SECOND
EARLY: Final = 60 * SECOND
"""A click goes before the first open by more than this: some systems note an open with, or just after, a click."""
EARLY_AFTER: Final = 600 * SECOND
"""The longest after sending that a click before the first open is a scanner's."""
LINKS: Final = 4
"""The fewest links that a mail has for `all_links`."""
WALK: Final = 60 * SECOND
BESIDE: Final = 120 * SECOND
BULK: Final = 3
PREFETCH: Final = 60 * SECOND
MAILS: Final = 3
OFTEN: Final = 0.8
AT_DOMAIN: Final = 120 * SECOND
DOMAIN_MAILS: Final = 20
DOMAIN_LEADS: Final = 3
VIEWS: Final[Mapping[int, int]] = {10 * SECOND: 20, 300 * SECOND: 150}
"""How many page views within so many microseconds nobody makes."""
FOLLOWED: Final = 2 * SECOND

_FOUND: Final = {"row": pl.UInt32(), "reason": pl.String(), "figure": pl.Int64()}
_DETAILS: Final = {"mail": pl.Int64(), "sent_at": TIME, "mail_domain": pl.Int64()}


def recognised(activities: pl.DataFrame, touchpoints: pl.DataFrame, scanning: Collection[int] = ()) -> pl.DataFrame:
    """Return the marks (`MARKS`) of the activities of some leads, of whom all activities must be there.

    `activities`: `lead id occurred_at touchpoint` and, as far as known, `mail` (which one to this lead), `sent_at`, and
    `mail_domain`, that of the address it was sent to. `touchpoints`: `touchpoint kind url name`. `scanning`: the
    domains for which `scans` is true.
    """
    doings = _doings(activities, touchpoints)
    found = _evidence(_found(doings, scanning))
    return doings.join(found, on="row").select(*MARKS).sort("lead", "id")


def tallied(activities: pl.DataFrame, touchpoints: pl.DataFrame, marks: pl.DataFrame) -> pl.DataFrame:
    """Return how often leads' mails are scanned, by domain (`TALLIES`), given their activities and marks."""
    names = r"\b(" + "|".join(OF_SCANNERS) + r")\b"
    scanned = marks.select("lead", "id", marked=pl.col("reasons").str.contains(names))
    mails = _doings(activities, touchpoints).drop_nulls(["mail_domain", "mail"]).filter(pl.col("kind") != VIEW)
    each = mails.join(scanned, on=["lead", "id"], how="left").with_columns(
        scanned=pl.col("marked").fill_null(value=False) & (pl.col("kind") == CLICK)
    )
    once = each.group_by("mail_domain", "lead", "mail").agg(pl.col("scanned").any())
    counted = once.group_by("mail_domain", "lead").agg(pl.len().alias("mails"), pl.col("scanned").sum())
    return counted.select(*TALLIES).cast(TALLIES).sort("mail_domain", "lead")


def scans() -> pl.Expr:
    """Return whether a domain scans nearly every mail, by the sums of its `mails`, `scanned` and `leads`."""
    enough = (pl.col("mails") >= DOMAIN_MAILS) & (pl.col("leads") >= DOMAIN_LEADS)
    return enough & (pl.col("scanned") >= OFTEN * pl.col("mails"))


def counted(activities: pl.DataFrame, *, machines: bool) -> pl.DataFrame:
    """Return activities without the column `machine` and, unless `machines` count, without those that it marks."""
    if "machine" not in activities.columns:
        return activities
    return (activities if machines else activities.filter(pl.col("machine").is_null())).drop("machine")


def by_people(activities: pl.DataFrame, touchpoints: pl.DataFrame) -> pl.DataFrame:
    """Return the activities of leads, with an `id` each, that are not recognised as a machine's."""
    return activities.join(recognised(activities, touchpoints), on=["lead", "id"], how="anti", maintain_order="left")


def reasons_in(evidence: str) -> list[tuple[str, int]]:
    """Return the reasons of a mark with their figures."""
    return [(name, int(figure)) for name, figure in (part.split(":") for part in evidence.split())]


def can_be_a_machines(kinds: pl.Series) -> NDArray[np.bool_]:
    """Return which kinds of activities are looked at; all others are people's."""
    found: NDArray[np.bool_] = kinds.is_in(KINDS).fill_null(value=False).to_numpy()
    return found


def _doings(activities: pl.DataFrame, touchpoints: pl.DataFrame) -> pl.DataFrame:
    """Return what can be a machine's, by lead and time, with `row`, `at`, `sent` and what its touchpoint says."""
    absent = [pl.lit(None, dtype).alias(name) for name, dtype in _DETAILS.items() if name not in activities.columns]
    known = activities.with_columns(*absent).join(_described(touchpoints), on="touchpoint")
    ordered = known.select(
        *("lead", "id", "kind", "mailing", "has_url", "links", "mail", "mail_domain"),
        pl.col("touchpoint").alias("link"),
        pl.col("occurred_at").dt.timestamp("us").alias("at"),
        pl.col("sent_at").dt.timestamp("us").alias("sent"),
    ).drop_nulls("at")
    return _timed(ordered.sort("lead", "at").with_row_index("row"))


def _timed(doings: pl.DataFrame) -> pl.DataFrame:
    """Return the rows whose time is known to the second, as far as the other rows of the lead and source tell."""
    whole = pl.col("at") % MINUTE == 0
    leads = doings.filter(whole).select("lead").unique()
    if leads.is_empty():
        return doings
    theirs = doings.join(leads, on="lead", how="semi").select("row", "lead", "id", whole=whole)
    source = pl.col("id").cast(pl.String).str.extract(r"^(\w+):").alias("source")
    told = theirs.group_by("lead", source).agg("row", "whole", coarse=2 * pl.col("whole").sum() >= pl.len())
    vague = told.filter("coarse").explode("row", "whole").filter("whole")
    return doings.join(vague, on="row", how="anti", maintain_order="left")


def _described(touchpoints: pl.DataFrame) -> pl.DataFrame:
    """Return the touchpoints of mails and pages, with how many links of its mailing are known by the clicks on them."""
    kind, has_url = pl.col("kind").str.strip_chars().str.to_lowercase(), pl.col("url").is_not_null()
    chosen = touchpoints.filter(kind.is_in(KINDS)).select("touchpoint", kind=kind, mailing="name", has_url=has_url)
    return chosen.with_columns(links=((pl.col("kind") == CLICK) & pl.col("has_url")).sum().over("mailing"))


def _found(doings: pl.DataFrame, scanning: Collection[int]) -> pl.DataFrame:
    """Return each reason for each row."""
    opens, clicks, views = (doings.filter(kind=kind) for kind in KINDS)
    mails = doings.filter(pl.col("kind") != VIEW)
    of_mails = [_at_delivery(mails), _at_domain(mails, scanning)]
    of_clicks = pl.concat([_burst(clicks), _all_links(clicks), _before_open(clicks, opens)])
    machines = clicks.join(pl.concat([of_clicks, *of_mails]), on="row", how="semi")
    of_opens = [_beside(opens, machines), _bulk(opens), _prefetch(opens, machines)]
    return pl.concat([of_clicks, *of_mails, *of_opens, *_many(views), _followed(views, machines)])


def _evidence(found: pl.DataFrame) -> pl.DataFrame:
    once = found.group_by("row", "reason").agg(pl.col("figure").max()).sort("row", "reason")
    said = pl.concat_str("reason", pl.lit(":"), "figure")
    return once.group_by("row").agg(
        pl.col("reason").str.join(" ").alias("reasons"), said.str.join(" ").alias("evidence")
    )


def _because(rows: pl.DataFrame, reason: str, figure: pl.Expr) -> pl.DataFrame:
    return rows.select("row", pl.lit(reason).alias("reason"), figure.cast(pl.Int64).alias("figure"))


def _session(gap: int, *by: str) -> pl.Expr:
    """Return the number of the run of rows, in order of `by` and time, that follow each other within the gap."""
    apart = [pl.col(name).ne_missing(pl.col(name).shift()) for name in by]
    far = (pl.col("at") - pl.col("at").shift() > gap).fill_null(value=True)
    return pl.any_horizontal(*apart, far).cum_sum()


def _sessions(rows: pl.DataFrame, gap: int, *by: str) -> pl.DataFrame:
    """Return the rows that have another one within the gap, with their `session`."""
    numbered = rows.sort(*by, "at", "row").with_columns(session=_session(gap, *by))
    return numbered.filter(pl.len().over("session") > 1)


def _seconds(time: pl.Expr) -> pl.Expr:
    return time // SECOND


def _burst(clicks: pl.DataFrame) -> pl.DataFrame:
    """Mark clicks on different links that follow each other within two seconds.

    Where no click says which link it was on, three are needed: one person may click a link twice.
    """
    runs = _sessions(clicks, BURST, "lead").with_columns(
        different=pl.col("link").n_unique().over("session"),
        unnamed=(~pl.col("has_url")).sum().over("session"),
    )
    several = (pl.col("different") > 1) | (pl.col("unnamed") >= ALIKE)
    return _because(runs.filter(several), "burst", pl.max_horizontal("different", "unnamed"))


def _at_delivery(mails: pl.DataFrame) -> pl.DataFrame:
    delay = pl.col("at") - pl.col("sent")
    return _because(mails.filter(delay <= DELIVERY), "at_delivery", _seconds(delay))


def _at_domain(mails: pl.DataFrame, scanning: Collection[int]) -> pl.DataFrame:
    delay = pl.col("at") - pl.col("sent")
    theirs = mails.filter(pl.col("mail_domain").is_in(list(scanning)), delay <= AT_DOMAIN)
    return _because(theirs, "domain", _seconds(delay))


def _before_open(clicks: pl.DataFrame, opens: pl.DataFrame) -> pl.DataFrame:
    """Mark clicks of a mail that is first opened later: not those of a mail that is never opened, nor later ones.

    Who shows no pictures clicks without an open; so a click alone says nothing.
    """
    first = opens.drop_nulls("mail").group_by("lead", "mail").agg(pl.col("at").min().alias("opened"))
    both = clicks.join(first, on=["lead", "mail"])
    before = pl.col("opened") - pl.col("at")
    soon = pl.col("at") - pl.col("sent") <= EARLY_AFTER
    return _because(both.filter(before > EARLY, soon), "before_open", _seconds(before))


def _all_links(clicks: pl.DataFrame) -> pl.DataFrame:
    """Mark clicks on all links of a mailing that anybody is known to have clicked, within a minute."""
    worth = clicks.filter((pl.col("links") >= LINKS) & pl.col("has_url"))
    runs = _sessions(worth, WALK, "lead", "mailing")
    whole = runs.with_columns(
        different=pl.col("link").n_unique().over("session"),
        took=(pl.col("at").max() - pl.col("at").min()).over("session"),
    ).filter((pl.col("different") == pl.col("links")) & (pl.col("took") <= WALK))
    return _because(whole, "all_links", pl.col("different"))


def _beside(opens: pl.DataFrame, machines: pl.DataFrame) -> pl.DataFrame:
    """Mark opens of a mail just before a machine clicks its links."""
    clicked = machines.drop_nulls("mail").select("lead", "mail", clicked="at").sort("clicked")
    following = (
        opens.drop_nulls("mail")
        .sort("at")
        .join_asof(
            clicked,
            left_on="at",
            right_on="clicked",
            by=["lead", "mail"],
            strategy="forward",
            tolerance=BESIDE,
            check_sortedness=False,
        )
    )
    return _because(following.drop_nulls("clicked"), "beside", _seconds(pl.col("clicked") - pl.col("at")))


def _bulk(opens: pl.DataFrame) -> pl.DataFrame:
    """Mark opens of several mails within two seconds of each other; without `mail`, mailings tell mails apart."""
    letter = pl.coalesce(pl.col("mail"), pl.col("link").cast(pl.Int64))
    runs = _sessions(opens, BURST, "lead").with_columns(mails=letter.n_unique().over("session"))
    return _because(runs.filter(pl.col("mails") >= BULK), "bulk", pl.col("mails"))


def _prefetch(opens: pl.DataFrame, machines: pl.DataFrame) -> pl.DataFrame:
    """Mark opens within a minute of sending, and the first open of any mail, of leads with them in most mails.

    A proxy loads every mail, a few later, when the device is awake again; what the person opens comes from it. Where
    machines click too, it is a gateway, and only what comes early is its own.
    """
    timed = opens.drop_nulls("mail").with_columns(
        delay=pl.col("at") - pl.col("sent"), first=pl.col("at").min().over("lead", "mail")
    )
    quick = (pl.col("delay").min() <= PREFETCH).fill_null(value=False)
    first = timed.group_by("lead", "mail").agg(quick.alias("quick"))
    leads = first.group_by("lead").agg(pl.len().alias("mails"), pl.col("quick").sum())
    always = leads.filter(pl.col("mails") >= MAILS, 3 * pl.col("quick") >= 2 * pl.col("mails"))
    theirs = timed.join(always, on="lead").join(machines.select("lead", gateway=True).unique(), on="lead", how="left")
    late = (pl.col("at") == pl.col("first")) & pl.col("gateway").is_null()
    theirs = theirs.filter((pl.col("delay") <= PREFETCH) | late)
    return _because(theirs, "prefetch", pl.col("quick"))


def _many(views: pl.DataFrame) -> list[pl.DataFrame]:
    """Mark page views of which too many fall into a stretch of time."""
    return [_because(_crowded(views, *limit), "views", pl.lit(limit[1])) for limit in VIEWS.items()]


def _crowded(views: pl.DataFrame, within: int, count: int) -> pl.DataFrame:
    """Return the views that are among `count` successive ones of a lead within some time."""
    ends = (pl.col("at").shift(1 - count) - pl.col("at") <= within) & (
        pl.col("lead") == pl.col("lead").shift(1 - count)
    )
    begun = ends.fill_null(value=False).cast(pl.Int32)
    among = begun.rolling_max(count, min_samples=1) > 0
    return views.filter(among)


def _followed(views: pl.DataFrame, machines: pl.DataFrame) -> pl.DataFrame:
    """Mark page views right after a machine's click: some scanners run the scripts of the page."""
    clicked = machines.select("lead", clicked="at").sort("clicked")
    after = views.sort("at").join_asof(
        clicked,
        left_on="at",
        right_on="clicked",
        by="lead",
        strategy="backward",
        tolerance=FOLLOWED,
        check_sortedness=False,
    )
    return _because(after.drop_nulls("clicked"), "followed", _seconds(pl.col("at") - pl.col("clicked")))
