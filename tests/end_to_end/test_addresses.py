"""A person with several e-mail addresses gets the activities of all of them."""

from collections.abc import Callable

from pipeline.passes import BACKFILL, SYNC
from tests.stage import Stage

Open = Callable[..., Stage]
ADDED = "second@further.example"


def kinds(stage: Stage, lead: str) -> list[str]:
    """Return the kinds of a lead's activities in the mirror."""
    with stage.job() as job:
        frames = job.mirror.frames([lead], job.fields)
        return frames.activities.join(frames.touchpoints, on="touchpoint")["kind"].to_list()


def change(stage: Stage, lead: str, **values: str) -> None:
    portal = stage.app.state.portal
    table = portal.table("contacts")
    portal.change(table, table.find(int(lead)), values, "CRM_UI")


def test_what_was_mailed_to_a_merged_address_is_the_survivors_after_a_fresh_backfill(hubspot: Open) -> None:
    stage = hubspot(40)
    leads = list(stage.addresses().values())[:3]
    address = stage.fields("email")[leads[2]]["email"]
    before = sum(opened(stage, lead) for lead in leads)
    survivor = leads[0]
    for lead in leads[1:]:
        stage.act(lead, "email_open")
        survivor = stage.merge(survivor, lead)
    stage.provision()
    stage.do(BACKFILL)
    assert kinds(stage, survivor).count("email_open") == before + 2
    assert stage.leadgauge("explain", str(address)).returncode == 0


def opened(stage: Stage, lead: str) -> int:
    """Return how many e-mails a lead opened, without machine opens."""
    stream = stage.app.state.portal.streams["OPEN"]
    return sum(stream[place].contact == int(lead) and not stream[place].bot for place in range(len(stream)))


def test_an_address_that_is_added_later_claims_what_waits_for_it(hubspot: Open) -> None:
    stage = hubspot(40)
    first, lead = next(iter(stage.addresses().items()))
    stage.act(lead, "email_open")
    change(stage, lead, email=ADDED)
    stage.provision()
    stage.do(BACKFILL)
    with stage.job() as job:
        waiting = job.mirror.counts().unclaimed
    had = kinds(stage, lead)
    assert waiting
    assert "email_open" not in had
    change(stage, lead, hs_additional_emails=first)
    stage.do(SYNC)
    assert len(kinds(stage, lead)) == len(had) + waiting


def test_an_address_that_moves_names_who_has_it_now(hubspot: Open) -> None:
    stage = hubspot(40)
    lead, other = list(stage.addresses().values())[:2]
    change(stage, lead, hs_additional_emails=ADDED)
    stage.provision()
    stage.do(BACKFILL)
    change(stage, lead, hs_additional_emails="")
    change(stage, other, hs_additional_emails=ADDED)
    stage.do(SYNC)
    assert f'"lead": "{other}"' in stage.leadgauge("explain", ADDED, "--json").stdout


def test_a_lost_address_leaves_what_was_claimed_by_it(hubspot: Open) -> None:
    stage = hubspot(40)
    first, lead = next(iter(stage.addresses().items()))
    stage.act(lead, "email_open")
    change(stage, lead, email=ADDED, hs_additional_emails=first)
    stage.provision()
    stage.do(BACKFILL)
    had = kinds(stage, lead)
    assert "email_open" in had
    change(stage, lead, hs_additional_emails="")
    stage.do(SYNC)
    assert kinds(stage, lead) == had


def test_a_forgotten_person_is_gone_with_every_address(hubspot: Open) -> None:
    stage = hubspot(40)
    lead = stage.people()[0]
    change(stage, lead, hs_additional_emails=f"{ADDED};third@further.example")
    stage.provision()
    stage.do(BACKFILL)
    with stage.job() as job:
        assert len(job.mirror.addresses_of(lead)) == 3
    assert stage.leadgauge("forget", ADDED, "--yes").returncode == 0
    with stage.job() as job:
        assert job.mirror.resolve(lead) is None
        assert job.mirror.addresses_of(lead) == frozenset()


def test_status_and_check_say_what_waits_for_nobody_known(hubspot: Open) -> None:
    stage = hubspot(40)
    lead = next(iter(stage.addresses().values()))
    stage.act(lead, "email_open")
    change(stage, lead, email=ADDED)
    stage.provision()
    stage.do(BACKFILL)
    shown, checked = stage.leadgauge("status").stdout, stage.leadgauge("check", "--json").stdout
    assert "waiting for their leads: " in shown
    assert "email_open from email, of 1 unknown e-mail address, since 20" in " ".join(shown.split())
    assert "activities wait for leads that the database does not have" in checked
