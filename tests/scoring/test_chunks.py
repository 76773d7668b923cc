"""Which leads are computed together."""

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from scoring.chunks import Chunks

SIZE = 4


def together(accounts: list[str | None], alone: int = 0) -> tuple[Chunks, list[list[int]]]:
    """The chunks, and the rows of each."""
    chunks = Chunks.whole(pl.Series(accounts, dtype=pl.String), alone, SIZE)
    rows = pl.DataFrame({"row": np.arange(len(accounts))})
    return chunks, [chunks.take(rows, number)["row"].to_list() for number in range(len(chunks))]


@given(st.lists(st.sampled_from([None, *"abcde"]), max_size=30), st.integers(0, 9))
def test_no_account_is_split_and_only_one_account_makes_a_chunk_large(accounts: list[str | None], alone: int) -> None:
    chunks, rows = together(accounts, alone)
    of = [{accounts[row] for row in chunk} - {None} for chunk in rows]
    assert sorted(row for chunk in rows for row in chunk) == list(range(len(accounts)))
    assert sum(map(len, of)) == len(set(accounts) - {None})
    assert all(len(chunk) <= SIZE or len({accounts[row] for row in chunk}) == 1 for chunk in rows)
    chunk, place = chunks.places
    assert all(rows[chunk[row]][place[row]] == row for row in range(len(accounts)))
    shuffled = pl.DataFrame({"row": [row for chunk in rows for row in chunk]}, schema={"row": pl.Int64})
    assert chunks.in_their_order(shuffled)["row"].to_list() == list(range(len(accounts)))


def test_leads_that_fit_into_one_chunk_stay_in_their_order() -> None:
    assert together(["a", None, "b", "a"])[1] == [[0, 1, 2, 3]]


def test_accounts_come_in_the_order_of_their_first_lead() -> None:
    assert together(["a", "b", "a", "b", None, "a", "c"])[1] == [[0, 2, 5], [1, 3, 4, 6]]


def test_an_account_with_more_leads_than_a_chunk_is_a_chunk() -> None:
    assert together(["a", "b", "b", "b", "b", "b", "a"])[1] == [[0, 6], [1, 2, 3, 4, 5]]


def test_accounts_without_leads_have_chunks_of_their_own_unless_all_fit_into_one() -> None:
    assert together(["a", "a"], 2)[1] == [[0, 1]]
    assert together(["a", "a"], 6)[1] == [[0, 1], [], []]
    assert together([], 0)[1] == []
    assert together([], 3)[1] == [[]]
