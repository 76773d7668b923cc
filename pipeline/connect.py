"""Connect: a connection's settings made into its connector."""

from collections.abc import Sequence
from threading import Event

from config import require_secrets
from config.settings import AnyConnection, HubSpotConnection, ScorecardUse
from connectors.base import Connector, Output
from scoring import outputs as result_fields


def connect(connection: AnyConnection, stop: Event | None = None) -> Connector:
    """Return the connector of a connection, made for its scorecards; a missing secret is told by its setting."""
    require_secrets(connection)
    outputs = output_fields(connection.scorecards)
    if isinstance(connection, HubSpotConnection):
        from connectors.hubspot import HubSpot  # noqa: PLC0415 - only the CRM in use is imported

        return HubSpot(connection, connection.wanted, outputs, stop=stop)
    from connectors.salesforce import Salesforce  # noqa: PLC0415 - only the CRM in use is imported

    return Salesforce(connection, connection.wanted, outputs, stop=stop)


def output_fields(uses: Sequence[ScorecardUse]) -> list[Output]:
    """Return the output fields of all scorecards, each under its scorecard's prefix."""
    return [output for use in uses for output in _outputs_of(use)]


def _outputs_of(use: ScorecardUse) -> list[Output]:
    return [
        Output(
            name=use.prefix + field.name,
            label=f"{use.card.scorecard}: {field.label}" if use.prefix else field.label,
            type=field.type,
            description=field.description,
            choices=field.choices,
            decimals=field.decimals,
            length=field.length,
        )
        for field in result_fields(use.card)
    ]
