"""Gives an org the server of its feed, if the packages for it are there."""

from leadgauge_sandbox.salesforce.state import Sandbox


def connect(sandbox: Sandbox, seed: int) -> None:
    """Make change events from now on, unless the packages for it are missing."""
    try:
        from leadgauge_sandbox.salesforce.feeds.server import FeedServer  # noqa: PLC0415 - needs optional packages
    except ImportError:
        return
    sandbox.feed.server = FeedServer(sandbox, seed)
