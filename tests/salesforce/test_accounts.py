"""A deleted, merged or restored account in the next pass."""

import pytest

from leadgauge_sandbox.salesforce.state import Sandbox
from tests.salesforce.sandboxed import joined
from tests.salesforce.test_following_changes import Follower


@pytest.fixture
def org(own_org: tuple[Sandbox, str]) -> Follower:
    return Follower(*own_org)


def test_a_deleted_account_is_gone_and_a_restored_one_returns(org: Follower) -> None:
    org.settle("accounts")
    account = org.ids("Account")[0]
    org.tell("delete", id=account)
    pages = org.pull("accounts")
    assert [one for page in pages for one in page.gone_accounts] == [account]
    org.tell("clock", advance=3_600_000)
    org.tell("restore", id=account)
    assert joined(org.pull("accounts"), "accounts")["account"].to_list() == [account]


def test_a_merged_account_is_told_with_its_survivor(org: Follower) -> None:
    org.settle("accounts")
    survivor, loser, *_ = org.ids("Account")
    org.tell("merge", survivor=survivor, loser=loser)
    pages = org.pull("accounts")
    assert {old: new for page in pages for old, new in page.merged_accounts.items()} == {loser: survivor}
    assert [one for page in pages for one in page.gone_accounts] == []
