"""The published client pysfpubsub, with Salesforce's own example logic and Apache's Avro, against the feed."""

import importlib.util
import json
import os
import subprocess
import sys

import pytest

from sandbox.tests.salesforce.conftest import Api

# In a process of its own: it registers the messages under the names that other clients use too. It knows TLS only.
SCRIPT = """
import json, sys, warnings
warnings.simplefilter("ignore")
import grpc
grpc.secure_channel = lambda target, credentials: grpc.insecure_channel(target)
from pysfpubsub import Client

url, user, password, port, topic = sys.argv[1:]
client = Client(url, user, password, "127.0.0.1", int(port))
client.auth()
assert client.get_topic(topic).can_subscribe
told = []

class Enough(Exception):
    pass

def take(answer, client):
    for each in answer.events:
        told.append(client.decode(client.get_schema_json(each.event.schema_id), each.event.payload))
    if len(told) == 3:
        raise Enough
    client.release_subscription_semaphore()

try:
    client.subscribe(topic, "EARLIEST", b"", 1, take)
except Enough:
    print(json.dumps(told))
"""


@pytest.mark.skipif(
    importlib.util.find_spec("pysfpubsub") is None or importlib.util.find_spec("avro") is None,
    reason="pysfpubsub and avro are not installed: pip install pysfpubsub avro",
)
def test_a_published_client_reads_changes(api: Api) -> None:
    port = api.control("feed", select=["Lead"])["address"].rpartition(":")[2]
    rows = api.query("SELECT Id FROM Lead WHERE IsConverted = false ORDER BY Id LIMIT 3")
    for number, row in enumerate(rows):
        answer = api.call("PATCH", f"sobjects/Lead/{row['Id']}", json={"FirstName": f"Zoë {number}", "Budget__c": 7.5})
        assert answer.status_code == 204
    known = api.sandbox.credentials
    arguments = [api.base, known.username, known.password + known.security_token, port, "/data/LeadChangeEvent"]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments],
        capture_output=True, text=True, timeout=60, check=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    told = json.loads(done.stdout)
    assert [each["ChangeEventHeader"]["recordIds"] for each in told] == [[row["Id"]] for row in rows]
    assert [each["Name"]["FirstName"] for each in told] == ["Zoë 0", "Zoë 1", "Zoë 2"]
    assert told[0]["Budget__c"] == 7.5
