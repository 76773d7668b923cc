"""A table of the data of connections and scorecards that are no longer in the settings."""

from collections.abc import Sequence

from rich.table import Table

from pipeline.leftovers import Leftover


def leftover_table(left: Sequence[Leftover]) -> Table:
    """Return a table with one row per connection or scorecard."""
    table = Table(title="No longer in the settings", title_justify="left")
    for heading in ("Connection", "Prefix", "Leads", "Activities", "Fields left in the CRM", "What to do"):
        table.add_column(heading, overflow="fold")
    for one in left:
        prefix = "(all)" if one.prefix is None else one.prefix or "(none)"
        fields = ", ".join(one.fields)
        table.add_row(one.connection, prefix, f"{one.leads:,}", f"{one.activities:,}", fields, one.remedy)
    return table
