"""What the mirror keeps of a field's value."""

from datetime import date

import polars as pl

from store.mirror.fields import packed, unpacked


def test_date_stays_a_date_without_a_time() -> None:
    texts = packed(pl.DataFrame({"buys": [date(2026, 3, 31), None]}, {"buys": pl.Date}))
    assert texts.to_list() == ['{"buys":"2026-03-31"}', "{}"]
    assert unpacked(texts, {"buys": "date"})["buys"].to_list() == [date(2026, 3, 31), None]


def test_value_kept_as_a_time_is_read_as_its_date_once_the_card_declares_one() -> None:
    texts = pl.Series(['{"buys":"2026-03-31T00:00:00Z"}'])
    assert unpacked(texts, {"buys": "date"})["buys"].to_list() == [date(2026, 3, 31)]
