"""What pages keep beside the results in memory."""

from pages.columns import Derived


def test_what_is_kept_is_made_once_and_only_the_oldest_goes() -> None:
    kept, made = Derived(most=3), list[int]()

    def get(key: int) -> int:
        def make() -> int:
            made.append(key)
            return key

        return kept.get(key, make)

    for key in (1, 2, 1, 3, 2, 1):
        assert get(key) == key
    assert made == [1, 2, 3]
    get(4)
    assert [get(key) for key in (2, 3, 4)] == [2, 3, 4]
    assert made == [1, 2, 3, 4]
    get(1)
    assert made == [1, 2, 3, 4, 1]


def test_what_is_made_may_need_what_is_kept() -> None:
    kept = Derived()
    assert kept.get("order", lambda: kept.get("codes", lambda: 1) + 1) == 2
