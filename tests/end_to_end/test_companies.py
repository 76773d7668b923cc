"""What leads take from their company goes when the company does, or when they leave it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from pipeline.passes import BACKFILL, RECONCILE, SYNC
from tests.chaos.kept import kept
from tests.contract.test_exclude import here
from tests.stage import Stage

Open = Callable[..., Stage]
PAIR = ("0-1", "0-2")


class Companies:
    """A stage with two companies, and somebody in the first."""

    def __init__(self, hubspot: Open) -> None:
        self.stage = hubspot(40, at=datetime.fromisoformat("2026-11-22T12:00:00+00:00"))
        self.portal: Any = self.stage.app.state.portal
        self.table = self.portal.tables["0-2"]
        self.one, self.other = (self.portal.create(self.table, {"name": name}) for name in ("One", "Other"))
        self.portal.change(self.table, self.one, {"industry": "BANKING"})
        self.portal.change(self.table, self.other, {"industry": "COMPUTER_SOFTWARE"})
        self.lead = self.stage.people()[0]
        for company in list(self.portal.links.of(PAIR, int(self.lead))):
            self.portal.part(PAIR, int(self.lead), company)
        self.portal.associate(PAIR, int(self.lead), self.one.id)
        self.stage.live(timedelta(hours=2), pace=0)
        self.stage.provision()
        self.do(BACKFILL, timedelta(0))
        assert self.held() == (str(self.one.id), "BANKING")

    def do(self, kind: Any, later: timedelta) -> None:
        """Run a pass some time later, at the time of the CRM's clock."""
        self.stage.live(later, pace=0)
        self.stage.do(kind, now=lambda: self.stage.moment)

    def accounts(self) -> set[str]:
        """Return the companies in the mirror."""
        return {account for account, _ in kept(f"sqlite:///{self.stage.folder / 'leadgauge.db'}")["accounts"]}

    def held(self) -> tuple[str | None, str | None]:
        """Return the company and the industry that the mirror has of the lead."""
        with self.stage.job() as job:
            row = job.mirror.frames([self.lead], job.fields).leads.row(0, named=True)
            return row["account"], row["industry"]


def test_a_deleted_company_leaves_with_what_its_people_had_of_it(hubspot: Open) -> None:
    stage = Companies(hubspot)
    stage.portal.archive(stage.table, stage.one)
    stage.do(SYNC, timedelta(hours=2))
    assert stage.held() == (None, None)
    with stage.stage.job() as job:
        before = job.mirror.counts().accounts
    stage.portal.restore(stage.table, stage.one)
    for _ in range(3):
        stage.do(SYNC, timedelta(hours=1))
    assert stage.held() == (str(stage.one.id), "BANKING")
    with stage.stage.job() as job:
        assert job.mirror.counts().accounts == before + 1


@pytest.mark.slow
def test_a_company_that_leaves_lets_in_whom_it_excluded_and_excludes_whom_it_let_in(hubspot: Open) -> None:
    stage = Companies(hubspot)
    for condition, after in (({"industry": "BANKING"}, True), ({"industry": {"known": False}}, False)):
        stage.stage.configure(lambda connection, one=condition: connection.update(exclude={"left": one}))
        stage.do(SYNC, timedelta(minutes=5))
        assert (stage.lead in here(stage.stage)) is not after
        stage.portal.archive(stage.table, stage.one)
        stage.do(SYNC, timedelta(hours=2))
        assert (stage.lead in here(stage.stage)) is after
        stage.portal.restore(stage.table, stage.one)
        for _ in range(3):
            stage.do(SYNC, timedelta(hours=1))
        assert (stage.lead in here(stage.stage)) is not after


def test_people_of_a_merged_company_belong_to_the_survivor(hubspot: Open) -> None:
    stage = Companies(hubspot)
    made = stage.portal.merge(stage.table, stage.other, stage.one)
    stage.do(SYNC, timedelta(minutes=5))
    assert stage.held() == (str(made.id), "COMPUTER_SOFTWARE")


def test_who_leaves_a_company_without_joining_another_is_noticed_by_the_second_look(hubspot: Open) -> None:
    stage = Companies(hubspot)
    stage.portal.part(PAIR, int(stage.lead), stage.one.id)
    for _ in range(3):
        stage.do(SYNC, timedelta(hours=1))
    assert stage.held() == (None, None)


def test_another_primary_company_is_noticed_by_a_reconciliation(hubspot: Open) -> None:
    stage = Companies(hubspot)
    stage.portal.associate(PAIR, int(stage.lead), stage.other.id)
    for _ in range(3):
        stage.do(SYNC, timedelta(hours=1))
    assert stage.held() == (str(stage.one.id), "BANKING")
    stage.portal.associate(PAIR, int(stage.lead), stage.other.id, 1)
    stage.do(RECONCILE, timedelta(hours=1))
    assert stage.held() == (str(stage.other.id), "COMPUTER_SOFTWARE")


def test_a_company_whose_survivor_is_deleted_is_gone_after_a_reconciliation(hubspot: Open) -> None:
    """The deleted survivor does not name it any more, and the recycle bin never listed it."""
    stage = Companies(hubspot)
    made = stage.portal.merge(stage.table, stage.other, stage.one)
    stage.portal.archive(stage.table, made)
    stage.do(SYNC, timedelta(hours=2))
    assert {str(stage.one.id), str(stage.other.id)} <= stage.accounts()
    stage.do(RECONCILE, timedelta(hours=1))
    assert not {str(stage.one.id), str(stage.other.id)} & stage.accounts()
    assert stage.held() == (None, None)


def test_a_company_that_was_deleted_before_a_second_backfill_is_gone(hubspot: Open) -> None:
    stage = Companies(hubspot)
    stage.portal.archive(stage.table, stage.one)
    stage.do(BACKFILL, timedelta(minutes=5))
    assert str(stage.one.id) not in stage.accounts()
