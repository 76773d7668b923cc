"""Many connections of one sandbox, for daemons that share them."""

from collections import Counter
from typing import Any

from ruamel.yaml import YAML
from sqlalchemy import create_engine, make_url, text

from tests.stage import Stage


def multiply(stage: Stage, count: int, **schedule: str) -> None:
    """Give the settings of a stage many connections that are all alike: to the same sandbox, each with its mirror."""
    yaml = YAML()
    settings: dict[str, Any] = yaml.load(stage.settings_file)
    one = settings["connections"].pop("main")
    one["schedule"] = {"sync": "1h", "refresh": "02:30", "reconcile": "sun 03:00"} | schedule
    for number in range(count):
        settings["connections"][f"crm-{number}"] = one
    with stage.settings_file.open("w", encoding="utf-8") as file:
        yaml.dump(settings, file)


def asked(database: str, query: str) -> list[Any]:
    """Return the rows of a query."""
    engine = create_engine(make_url(database).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        rows = list(connection.execute(text(query)).all())
    engine.dispose()
    return rows


def held(database: str) -> Counter[int]:
    """Return how many connections each process holds, by its number; leases that ran out do not count."""
    now = "extract(epoch FROM clock_timestamp()) * 1000000"
    rows = asked(database, f"SELECT holder FROM connections WHERE holder IS NOT NULL AND until > {now}")
    return Counter(int(row.holder.rpartition(":")[2]) for row in rows)


def sessions(database: str) -> int:
    """Return how many connections to the server the daemons of a database have."""
    query = "SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    return int(asked(database, query)[0].n)


def passes(database: str) -> int:
    """Return how many connections have completed a pass."""
    return int(asked(database, "SELECT count(DISTINCT connection) AS n FROM runs WHERE state = 'done'")[0].n)
