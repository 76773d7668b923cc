"""The contract of every connector."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from connectors.base import Located, Unavailable
from leadgauge_sandbox.population import Population
from pipeline.connect import output_fields
from pipeline.passes import BACKFILL, RECONCILE, SYNC
from tests.stage import Stage
from vocabulary.fields import KEPT
from vocabulary.outputs import OFS, Of
from vocabulary.rows import ACTIVITIES, LEADS

Open = Callable[..., Stage]


def test_pages_follow_the_neutral_schema(crm: Open) -> None:
    with crm(60).job() as job:
        for stream in job.connector.streams():
            for page in job.connector.pull(stream, None):
                assert page.stream == stream.name
                assert page.activities.schema == ACTIVITIES
                fields = {name: KEPT[kind] for name, kind in job.fields.items()}
                if page.leads.height:
                    assert dict(page.leads.schema).items() <= (dict(LEADS) | fields).items()


def test_provisioning_twice_changes_nothing(crm: Open) -> None:
    stage = crm(20)
    stage.provision()
    with stage.job() as job:
        again = job.connector.provision(output_fields(job.connection))
    assert {item.action for item in again} == {"unchanged"}


def test_reading_needs_no_output_fields(crm: Open) -> None:
    with crm(20).job() as job:
        assert [one for one in job.connector.check() if one.level == "error"]
        assert [one for one in job.connector.check(reads_only=True) if one.level == "error"] == []


def test_removing_takes_our_fields_out(crm: Open) -> None:
    stage = crm(20)
    stage.provision()
    with stage.job() as job:
        removed = job.connector.remove(output_fields(job.connection))
    assert {item.action for item in removed} == {"removed"}


def test_what_was_pushed_is_read_back(crm: Open) -> None:
    stage = crm(40)
    stage.provision()
    stage.do(BACKFILL)
    with stage.job() as job:
        lead, values = next(iter(stage.fields("lead_score", "lead_grade").items()))
        read = job.connector.read([lead], ["lead_score", "lead_grade"])[lead]
        assert float(str(read["lead_score"])) == float(str(values["lead_score"]))
        assert (read["lead_grade"] or None) == values["lead_grade"]


def test_the_first_answer_teaches_how_far_the_crm_s_clock_is_from_ours(crm: Open) -> None:
    stage = crm(20)
    stage.live(timedelta(hours=3), pace=0)
    with stage.job() as job:
        assert job.connector.clock_offset() is None
        job.connector.find("nobody@example.invalid")
        offset = job.connector.clock_offset()
    assert offset is not None
    assert round(offset / timedelta(hours=1)) == 3


def test_what_our_fields_hold_comes_with_the_listing_without_a_call_more(crm: Open) -> None:
    stage = crm(150)
    stage.provision()
    calls = []
    with stage.job() as job:
        for outputs in ((), output_fields(job.connection)):
            connector = type(job.connector)(job.connection, job.connection.wanted, outputs)  # type: ignore[call-arg]
            (leads,) = [stream for stream in connector.streams() if stream.lists]
            assert sum(page.leads.height for page in connector.pull(leads, None)) >= 150
            calls.append(connector.budget().calls)
            connector.close()
    assert calls[0] == calls[1]


def test_a_listing_brings_what_our_fields_hold(crm: Open) -> None:
    stage = crm(40)
    stage.provision()
    stage.do(BACKFILL)
    with stage.job() as job:
        names = [output.name for output in output_fields(job.connection)]
        (leads,) = [stream for stream in job.connector.streams() if stream.lists]
        pages = list(job.connector.pull(leads, None))
        brought = pl.concat([page.outputs for page in pages if page.outputs.height]).unique("lead")
        read = job.connector.read(brought["lead"].to_list(), names)
    assert brought.height == len(stage.fields())
    assert {row["lead"]: {name: row[name] for name in names} for row in brought.iter_rows(named=True)} == read


def test_a_lead_is_found_by_its_address(crm: Open) -> None:
    stage = crm(40)
    address, lead = next(iter(stage.addresses().items()))
    with stage.job() as job:
        assert job.connector.find(address) == lead
        assert job.connector.find("nobody@example.invalid") is None
        assert lead in str(job.connector.links().of(lead))


@pytest.mark.parametrize("of", OFS)
def test_a_screenful_of_names_takes_one_call_per_kind_and_who_is_gone_has_none(crm: Open, of: Of) -> None:
    stage = crm(40)
    ids = stage.people()[:30] if of == "leads" else list(stage.accounts())[:30]
    kinds = {id_[:3] for id_ in ids} if stage.crm == "salesforce" else {of}
    with stage.job() as job:
        job.connector.names(ids[:1], of)  # signs in
        before = job.connector.budget().calls
        names = job.connector.names([*ids, *ids[:3]], of)
        assert job.connector.budget().calls - before == len(kinds)
        assert set(names) == set(ids)
        assert all(name.strip() and name != id_ for id_, name in names.items())
        (stage.delete if of == "leads" else stage.delete_account)(ids[0])
        assert set(job.connector.names(ids[:2], of)) == {ids[1]}
        assert job.connector.names([], of) == {}


def test_a_backfill_scores_everybody_and_a_second_writes_nothing(crm: Open) -> None:
    stage = crm(120)
    stage.provision()
    first = stage.do(BACKFILL)
    assert (first.state, first.tally.written) == ("done", len(stage.fields()))
    assert all(values["lead_score_status"] for values in stage.fields("lead_score_status").values())
    assert stage.do(BACKFILL).tally.written == 0
    assert stage.do(SYNC).tally.written == 0
    assert stage.do(RECONCILE).tally.written == 0


def test_the_same_people_and_histories_get_the_same_scores_in_both_crms(hubspot: Open, salesforce: Open) -> None:
    """All leads are compared in every output, including reasons and times, but for the names of forms and campaigns.

    Only the deals of the two sandboxes differ, so people who have one are left out.
    """
    moment = datetime.now(UTC).replace(microsecond=0)
    written, dealing = [], set[int]()
    for open_stage in (hubspot, salesforce):
        stage = open_stage(population=Population.generate(300, 7, int(moment.timestamp() * 1000)))
        without_time_on_page(stage)
        stage.provision()
        stage.do(BACKFILL, now=lambda: moment)
        people = stage.people()
        with stage.job() as job:
            fields = stage.fields(*(output.name for output in output_fields(job.connection)))
            with_deals = set(job.mirror.frames(people, {}, job.of_deals).deals["lead"])
        written.append([without_asset(fields[lead]) for lead in people])
        dealing |= {number for number, lead in enumerate(people) if lead in with_deals}
    one, other = ([values for number, values in enumerate(each) if number not in dealing] for each in written)
    assert len(one) > 230
    assert sum(values["lead_score"] is not None for values in one) > 200
    assert one == other


def without_asset(values: dict[str, str | None]) -> dict[str, str | None]:
    """Leave out which form or campaign it was, and so what a form asked for."""
    return values | {"lead_why_now": re.sub(r"^.* on (\d+ \w+)( \(.*\))?(?= ·|$)", r"\1", values["lead_why_now"] or "")}


def without_time_on_page(stage: Stage) -> None:
    """Remove the one rule about seconds: HubSpot does not report time on page."""
    card = stage.folder / "b2b-saas.yaml"
    card.write_text(
        "".join(line for line in card.read_text().splitlines(keepends=True) if "seconds: {at_least: 60}" not in line)
    )


def test_leads_are_located_by_id_wherever_they_are(crm: Open) -> None:
    """Live, in the recycle bin, merged or erased; in one call, or two if some are missing."""
    stage = crm(40)
    here, binned, primary, loser, erased = of_one_object(stage)[:5]
    with stage.job() as job:
        job.connector.find("nobody@example.invalid")
        calls = stage.calls()
        assert job.connector.locate([here, primary], [binned]) == dict.fromkeys([here, primary], Located("here"))
        assert stage.calls() == calls + 1
        stage.delete(binned)
        survivor = stage.merge(primary, loser)
        stage.erase(erased)
        wanted = [here, binned, loser, erased]
        assert job.connector.locate(wanted, [survivor]) == {
            here: Located("here"),
            binned: Located("bin"),
            loser: Located("merged", survivor),
            erased: Located("gone"),
        }
        assert stage.calls() <= calls + 3
        stage.restore(binned)
        assert job.connector.locate([binned]) == {binned: Located("here")}


def test_an_answer_that_lacks_a_lead_known_to_be_there_locates_nobody(crm: Open) -> None:
    """A lead counts as missing only in a response with a lead known to exist."""
    stage = crm(40)
    here, other, erased = of_one_object(stage)[:3]
    stage.erase(erased)
    with stage.job() as job:
        job.connector.find("nobody@example.invalid")
        stage.fault("nothing-there", "1")
        with pytest.raises(Unavailable):
            job.connector.locate([other], [here])
        stage.calm()
        assert job.connector.locate([erased], [here]) == {erased: Located("gone")}


def of_one_object(stage: Stage) -> list[str]:
    """Return leads that can be merged; Salesforce merges leads only with leads, and contacts with contacts."""
    return sorted(stage.fields())
