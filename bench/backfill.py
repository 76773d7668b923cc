"""What a backfill costs the connector: CPU per 100 contacts pulled and written, and calls against their floor.

    python -m bench.backfill [--leads 20000]
"""

import click
from rich.console import Console
from rich.table import Table

from bench.hubspot import calls_and_cpu, models


@click.command()
@click.option("--leads", default=20_000, show_default=True)
def main(leads: int) -> None:
    report = Table("what", "calls", "floor", "calls / floor", "CPU per 100", "time")
    calls_and_cpu(leads, report)
    models(leads, report)
    Console(width=120).print(report)
    click.echo("The limits are 40 ms for 100 contacts pulled and 30 ms for 100 written.")


if __name__ == "__main__":
    main()
