"""Events are decoded, or said to be undecodable: nothing else comes out of bytes."""

import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.salesforce.feed.bitmaps import Undecodable
from connectors.salesforce.feed.events import Change, Schemas
from tests.salesforce.feed.bus import AT, OUR_ORIGIN, Bus, schema_of

BUS = Bus({"Lead": schema_of("Lead", ["Title", "Email"])})
BUS.publish("t", "Lead", ["00Q000000000001AAA"], changedFields=["0x2"], changeOrigin=OUR_ORIGIN)
PAYLOAD = BUS.topics["t"][0][2]


def schemas() -> Schemas:
    return Schemas(lambda id_: json.dumps(BUS.schemas[id_]))


def test_an_event_says_what_happened_to_which_records() -> None:
    assert schemas().change("Lead", PAYLOAD) == Change(
        "Lead",
        "UPDATE",
        ("00Q000000000001AAA",),
        OUR_ORIGIN,
        frozenset({"title"}),
        datetime.fromtimestamp(AT / 1000, UTC),
    )
    assert schemas().change("Lead", PAYLOAD).client == "leadgauge"


@given(st.binary(max_size=400))
def test_any_bytes_are_an_event_or_undecodable(payload: bytes) -> None:
    with suppress(Undecodable):
        assert isinstance(schemas().change("Lead", payload), Change)


@given(st.integers(0, len(PAYLOAD) - 1), st.integers(0, 255), st.integers(0, len(PAYLOAD)))
def test_a_damaged_event_is_read_or_undecodable(place: int, byte: int, length: int) -> None:
    damaged = (PAYLOAD[:place] + bytes([byte]) + PAYLOAD[place + 1 :])[:length]
    with suppress(Undecodable):
        assert isinstance(schemas().change("Lead", damaged), Change)


@pytest.mark.parametrize(
    "schema",
    ["", "nothing", "[]", "{}", '{"type": "record", "name": "X", "fields": []}', '{"fields": [{"name": 3}]}', "7"],
)
def test_a_schema_that_is_none_makes_its_events_undecodable(schema: str) -> None:
    with pytest.raises(Undecodable, match="the schema X cannot be read"):
        Schemas(lambda _: schema).change("X", PAYLOAD)
