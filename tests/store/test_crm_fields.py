"""What the store remembers about the CRM's fields, and what is removed with a connection or scorecard."""

from sqlalchemy import select

from store import Lease, Store
from store.sql.schema import metadata
from tests.store.filler import fill
from vocabulary.provisioned import Provisioned


def made(field: str, action: str = "created") -> Provisioned:
    return Provisioned(field.rpartition(".")[2].lower(), field, action, "", "made")  # type: ignore[arg-type]


def test_a_field_is_new_until_it_is_settled_and_again_when_it_is_made_again(store: Store, lease: Lease) -> None:
    fields = store.crm_fields("main")
    fields.keep([made("Lead.A"), made("Lead.B", "unchanged")])
    assert fields.known() == {"Lead.A": "made", "Lead.B": "made"}
    assert fields.new() == {"a"}
    fields.settle(["a"], lease)
    assert fields.new() == set()
    fields.keep([made("Lead.A", "unchanged")])
    assert fields.new() == set()
    fields.keep([made("Lead.A", "restored")])
    fields.keep([made("Lead.A", "unchanged")])
    assert fields.new() == {"a"}
    fields.drop(["Lead.A"])
    assert fields.known() == {"Lead.B": "made"}


def test_what_is_not_ours_is_not_remembered(store: Store) -> None:
    store.crm_fields("main").keep([Provisioned("a", "Lead.A", "clash", "theirs")])
    assert store.crm_fields("main").known() == {}


def test_connections_do_not_see_each_others_fields(store: Store) -> None:
    store.crm_fields("main").keep([made("Lead.A")])
    assert store.crm_fields("other").known() == {}


def tables_with(store: Store) -> set[str]:
    """Return the tables with rows of a connection or a scorecard."""
    owned = [table for table in metadata.sorted_tables if {"connection", "outbox"} & set(table.c.keys())]
    rows = store._database.read(
        lambda sql: {table.name: sql.execute(select(table).limit(1)).first() for table in owned}
    )
    return {name for name, row in rows.items() if row is not None}


def test_a_connection_leaves_no_row_in_any_table(store: Store, lease: Lease) -> None:
    """The rows of others stay."""
    fill(store, lease)
    store.outbox("main")
    store.crm_fields("main").keep([made("Lead.A")])
    store.note("main", "a", "b")
    assert {"leads", "activities", "stale", "crm_fields", "notes"} <= tables_with(store)
    store.crm_fields("other").keep([made("Lead.A")])
    store.forget_connection("main", lease)
    assert store.connections() == ["other"]
    assert tables_with(store) == {"connections", "crm_fields"}


def test_a_scorecard_leaves_with_its_results_and_the_mirror_stays(store: Store, lease: Lease) -> None:
    fill(store, lease)
    store.outbox("main")
    store.outbox("main", "other_")
    store.forget_scorecard("main", "", lease)
    status = store.status("main")
    assert [outbox.prefix for outbox in status.outboxes] == ["other_"]
    assert status.counts.leads > 0
