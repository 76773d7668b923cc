"""When the daily digest is due, and what time it is about."""

from datetime import UTC, datetime

from config.notify import Notify
from store import New, Notices


def add_digest(notices: Notices, told: Notify, sink: str, now: datetime) -> None:
    """Queue the digest of today for a sink, once its time has come where people are."""
    today = now.astimezone(told.timezone).date()
    until = _moment(told, today.toordinal())
    key = f"digest:{today}"
    if now >= until and not notices.is_known(sink, key):
        since = _moment(told, today.toordinal() - 1)
        notices.add([New(sink, key, "digest", {"since": since.isoformat(), "until": until.isoformat()})], now)


def _moment(told: Notify, day: int) -> datetime:
    """Return the moment of a day's digest. A time that the clock leaves out comes as much later."""
    local = datetime.combine(datetime.fromordinal(day), told.digest, told.timezone)
    return local.astimezone(UTC)
