"""The expressions of a mapping."""

import logging
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.hubspot.settings import HubSpotSettings
from connectors.odd import OddValues, masked
from connectors.salesforce.settings import SalesforceSettings
from meaning.derive import FieldSource, OwnWords, checked

HUBSPOT = {"crm": "hubspot", "token": {"env": "T"}}
SALESFORCE = {"crm": "salesforce", "domain": "acme.my", "auth": {
    "flow": "client_credentials", "consumer_key": {"env": "K"}, "consumer_secret": {"env": "S"}}}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("senority(jobtitle)", "did you mean seniority"),
        ("xyz(jobtitle)", "there are seniority, department"),
        ("seniority()", "is no mapping"),
        ("seniority(a, )", "is no mapping"),
        ("a b", "is no mapping"),
        ("seniority(number(a))", "is no mapping"),
    ],
)
def test_wrong_mapping_says_what_there_is(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        checked(text)
    for settings, connection in ((HubSpotSettings, HUBSPOT), (SalesforceSettings, SALESFORCE)):
        with pytest.raises(ValueError, match=said):
            settings.model_validate({**connection, "fields": {"f": text}})


def test_properties_of_contact_and_company_cannot_be_mixed_in_one_mapping() -> None:
    with pytest.raises(ValueError, match="mixes"):
        HubSpotSettings.model_validate({**HUBSPOT, "fields": {"f": "range(company.size, size)"}})


def test_unknown_level_of_own_words_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no level boss"):
        HubSpotSettings.model_validate({**HUBSPOT, "words": {"seniority": {"boss": ["chef"]}}})


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("25-50", "'25-50'"),
        ("1,200", "'1,200'"),
        ("10k–50k", "'10k–50k'"),
        ("50+", "'50+'"),
        ("31.12.1980", "the shape '99.99.9999'"),
        ("1980-12-31", "the shape '9999-99-99'"),
        ("Jane Doe", "the shape 'xxxx xxx'"),
        ("j@x.example", "the shape 'x@x.xxxxxxx'"),
        ("+49 30 1234567", "the shape '+99 99 9999999'"),
    ],
)
def test_example_that_could_be_personal_shows_its_shape_only(value: str, shown: str) -> None:
    assert masked(value) == shown


def test_unreadable_values_are_told_with_number_example_and_remedy_and_again_at_ten_times_as_many(
    caplog: pytest.LogCaptureFixture,
) -> None:
    odd, source = OddValues(), FieldSource.parse("budget")
    with caplog.at_level(logging.WARNING):
        for count in (2, 5, 12, 1, 0):
            odd("budget", source, "number", count, "25-50")
    assert [record.getMessage() for record in caplog.records] == [
        f"{count} values of the field budget are not a plain number, such as '25-50'; they count as missing. "
        "Map `number(budget)` for 1,001 or 10k, `range(budget)` for 11-50."
        for count in (2, 20)
    ]


@pytest.mark.parametrize("words", [{"seniority": {"head": ["squad ("]}}, {"department": {"field": ["(?=x)"]}}])
def test_a_word_that_is_no_pattern_of_the_engine_is_refused_when_the_settings_are_read(words: Any) -> None:
    with pytest.raises(ValidationError, match=r"the regular expression .* is not valid"):
        OwnWords.model_validate(words)
