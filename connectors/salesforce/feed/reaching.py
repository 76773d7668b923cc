"""Whether the Pub/Sub API can be reached, and lets the user subscribe."""

from collections.abc import Iterator
from contextlib import closing

from connectors.base import ConfigurationError
from connectors.retrying import Fatal
from connectors.salesforce.feed.pubsub import Failure, PubSub, classify
from connectors.salesforce.feed.subscription import SignIn
from connectors.salesforce.session import Session
from connectors.salesforce.settings import Feed
from vocabulary.findings import Finding


def unreached(session: Session, feed: Feed) -> Iterator[Finding]:
    """Yield why channels cannot be subscribed to; nothing if all can."""
    access = SignIn(session).access()
    with closing(PubSub(feed.endpoint)) as pubsub:
        for channel in feed.channels:
            try:
                allowed = pubsub.can_subscribe(channel, access)
            except Failure as failure:
                yield _found(feed, channel, failure)
                continue
            if not allowed:
                message = f"The integration user may not subscribe to {channel}."
                yield Finding("error", "feed", message, "Let it view all records of the objects.")


def _found(feed: Feed, channel: str, failure: Failure) -> Finding:
    match classify(failure):
        case Fatal(ConfigurationError() as error):
            return Finding("error", "feed", f"{channel}: {error.wrong}", error.remedy)
        case Fatal(error):
            return Finding("warning", "feed", f"{channel}: {error}", "Changes wait for a pass until then.")
        case verdict:
            message = f"{feed.endpoint} does not answer for {channel}: {failure}"
            return Finding("warning", "feed", message, verdict.remedy)
