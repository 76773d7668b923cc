"""`leadgauge schema`: the JSON Schema of settings or scorecard, for editors."""

import click

from commands.common import print_json
from config.schema import Subject, schema


@click.command("schema")
@click.argument("subject", type=click.Choice(["settings", "scorecard"]))
def command(subject: Subject) -> None:
    """Print the JSON Schema of settings or scorecard, so that an editor completes and checks the YAML.

    Example: leadgauge schema scorecard > scorecard.schema.json, and in the scorecard's first line:
    # yaml-language-server: $schema=scorecard.schema.json
    """
    print_json(schema(subject))
