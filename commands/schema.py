"""`leadgauge schema`: the JSON Schema of the settings or a scorecard, for editors."""

import click

from commands.common import print_json
from config.schema import Subject, schema


@click.command("schema")
@click.argument("subject", type=click.Choice(["settings", "scorecard"]))
def command(subject: Subject) -> None:
    """Print the JSON Schema of the settings or a scorecard, so that an editor can complete and check the YAML.

    Example: leadgauge schema scorecard > scorecard.schema.json, and as the scorecard's first line:
    # yaml-language-server: $schema=scorecard.schema.json
    """
    print_json(schema(subject))
