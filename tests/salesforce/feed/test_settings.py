"""The section `feed` of the settings."""

import subprocess
import sys
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.salesforce.settings import OWN_CHANNEL
from tests.salesforce.answers import settings


def feed(value: Any) -> Any:
    return settings(feed=value).feed


def test_it_is_off_unless_given_and_on_with_true() -> None:
    assert settings().feed is None
    assert feed(False) is None
    assert (feed(True).endpoint, feed(True).channels) == ("api.pubsub.salesforce.com:7443", (OWN_CHANNEL,))
    assert feed({"channels": "/data/ChangeEvents"}).channels == ("/data/ChangeEvents",)


@pytest.mark.parametrize(
    "endpoint", ["api.deu.pubsub.salesforce.com:443", "127.0.0.1:7443", "localhost:1", "[::1]:65535"]
)
def test_endpoints_of_salesforce_and_of_this_machine_are_taken(endpoint: str) -> None:
    assert feed({"endpoint": endpoint}).endpoint == endpoint


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"endpoint": "api.pubsub.salesforce.com"}, "no host with a port"),
        ({"endpoint": "https://api.pubsub.salesforce.com:7443"}, "no host with a port"),
        ({"endpoint": "api.pubsub.salesforce.com:70000"}, "no host with a port"),
        ({"endpoint": "pubsub.salesforce.com.evil.example:7443"}, "is not Salesforce's"),
        ({"endpoint": "evilpubsub.salesforce.com.:7443"}, "is not Salesforce's"),
        ({"endpoint": "127.0.0.1.evil.example:7443"}, "is not Salesforce's"),
        ({"channels": "ChangeEvents"}, "write one like /data/ChangeEvents"),
        ({"channels": ["/event/Order__e"]}, "write one like /data/ChangeEvents"),
        ({"channels": []}, "at least 1 item"),
        ({"most_objects": 0}, "greater than or equal to 1"),
        ({"topic": "x"}, "Extra inputs"),
    ],
)
def test_mistakes_are_named_with_what_to_write(wrong: dict[str, Any], said: str) -> None:
    """The session is sent to the endpoint, so only Salesforce's hosts get it."""
    with pytest.raises(ValidationError, match=said):
        feed(wrong)


WITHOUT = """
import sys
for name in ("grpc", "fastavro", "google.protobuf"):
    sys.modules[name] = None
from connectors.base import ConfigurationError
from connectors.salesforce import Salesforce
from tests.salesforce.answers import settings
salesforce = Salesforce(settings(feed=True), {}, ())
try:
    salesforce.listen(None)
except ConfigurationError as error:
    print(error)
"""


def test_without_the_libraries_it_says_what_to_install() -> None:
    """Everything else works without them: the connector is imported and made."""
    done = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=True)
    assert "grpc, fastavro, google.protobuf" in done.stdout
    assert "pip install 'leadgauge[feeds]'" in done.stdout
