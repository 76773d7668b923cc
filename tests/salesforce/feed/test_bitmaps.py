"""Which fields bitmaps name."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.salesforce.feed.bitmaps import Undecodable, changed, places

NAMES = st.lists(st.from_regex(r"[A-Z][a-z]{1,6}(__c)?", fullmatch=True), min_size=1, max_size=40, unique_by=str.lower)


def slowly(fields: list[str], bits: str) -> set[str]:
    """Return the fields of a bitmap by writing it out as zeros and ones, as the vendor's example does."""
    written = "".join(f"{int(digit, 16):04b}" for digit in bits)
    return {fields[place].lower() for place, bit in enumerate(reversed(written)) if bit == "1"}


def schema(*fields: Any) -> Any:
    return {"type": "record", "name": "X", "fields": [{"name": name, "type": type_} for name, type_ in fields]}


@given(NAMES, st.data())
def test_a_bitmap_names_the_fields_whose_bits_are_set(names: list[str], data: st.DataObject) -> None:
    """The same as a slow reading by zeros and ones, with any number of leading zeros and in either letter case."""
    number = data.draw(st.integers(0, 2 ** len(names) - 1))
    width = data.draw(st.integers(1, 20))
    bits = f"{number:0{width}{data.draw(st.sampled_from('xX'))}}"
    flat = places(schema(*((name, ["null", "string"]) for name in names)))
    assert changed(flat, [f"0x{bits}"]) == slowly(names, bits)


@given(NAMES, NAMES, st.data())
def test_parts_of_compound_fields_are_named_at_the_place_of_the_whole(
    names: list[str], parts: list[str], data: st.DataObject
) -> None:
    """Any part changed means the whole, the part by its own name, and the part behind the name of an address."""
    place = data.draw(st.integers(0, len(names)))
    bits = f"{data.draw(st.integers(1, 2 ** len(parts) - 1)):x}"
    address = {"type": "record", "name": "Address", "fields": [{"name": one, "type": "string"} for one in parts]}
    fields = [*((name, "string") for name in names[:place]), ("MailingAddress", ["null", address])]
    told = changed(places(schema(*fields)), [f"{place}-0x{bits}"])
    found = slowly(parts, bits)
    assert told == {"mailingaddress", *found, *(f"mailing{one}" for one in found)}


def test_the_vendors_example_is_read() -> None:
    """`0x650004E0` has bits 5, 6, 7, 10, 24, 26, 29 and 30."""
    flat = places(schema(*((f"F{number}", "string") for number in range(32))))
    assert changed(flat, ["0x650004E0"]) == {f"f{number}" for number in (5, 6, 7, 10, 24, 26, 29, 30)}


def test_a_type_spelled_out_once_counts_where_it_is_only_named() -> None:
    """Contact has two addresses, and Avro spells a type out once."""
    address = {"type": "record", "name": "Address", "fields": [{"name": "City", "type": "string"}]}
    two = places(schema(("MailingAddress", ["null", address]), ("OtherAddress", ["null", "Address"])))
    assert changed(two, ["1-0x1"]) == {"otheraddress", "city", "othercity"}


def test_custom_compound_fields_have_parts_with_their_own_suffix() -> None:
    place = {"type": "record", "name": "Location", "fields": [{"name": "Latitude", "type": "double"}]}
    assert "site__latitude__s" in changed(places(schema(("Site__c", ["null", place]))), ["0-0x1"])


def test_a_whole_compound_field_counts_as_all_its_parts() -> None:
    name = {"type": "record", "name": "PersonName", "fields": [{"name": "LastName", "type": "string"}]}
    assert changed(places(schema(("Name", ["null", "string", name]))), ["0x1"]) == {"name", "lastname"}


@pytest.mark.parametrize("bitmap", ["", "0x", "0xg", "5-0x1", "-1-0x1", "0x4", "Email", "1-0x2", "0-0x1"])
def test_what_a_schema_does_not_explain_is_refused(bitmap: str) -> None:
    """Bits beyond the fields, places beyond them and other texts mean that something was missed."""
    with pytest.raises(Undecodable):
        changed(places(schema(("A", "string"), ("B", "string"))), [bitmap])
