"""Connect: make the connector of a connection from its settings."""

from dataclasses import replace
from threading import Event

from config import require_secrets
from config.settings import AnyConnection, HubSpotConnection, ScorecardUse
from connectors.base import Connector
from connectors.warehouse.warehouse import Warehouse
from scoring import outputs
from vocabulary.feedback import FIELD
from vocabulary.outputs import LIKELIHOOD, OFS, Of, Output, in_crm


def connect(
    connection: AnyConnection, stop: Event | None = None, *, offline: bool = False, hurried: bool = False
) -> Connector:
    """Return the connector of a connection, for the fields of its scorecards; raise if a secret is missing.

    With `offline`, no secret is needed, and none of the verbs that call the CRM may be used. With `hurried`, a host
    that cannot be reached is reported at once instead of after further attempts.
    """
    if not offline:
        require_secrets(connection)
    fields, of_deals = output_fields(connection), connection.of_deals
    if isinstance(connection, HubSpotConnection):
        from connectors.hubspot import HubSpot  # noqa: PLC0415 - only the CRM in use is imported

        return HubSpot(connection, connection.in_crm, fields, of_deals=of_deals, stop=stop, hurried=hurried)
    from connectors.salesforce import Salesforce  # noqa: PLC0415 - only the CRM in use is imported

    return Salesforce(connection, connection.in_crm, fields, of_deals=of_deals, stop=stop, hurried=hurried)


def connect_warehouse(connection: AnyConnection, stop: Event | None = None) -> Warehouse | None:
    """Return the warehouse of a connection, if it has one; it is connected to when something is read."""
    return Warehouse(connection.warehouse, connection.wanted, stop) if connection.warehouse else None


def output_fields(connection: AnyConnection) -> list[Output]:
    """Return the output fields of all scorecards that are switched on, each with its scorecard's prefix."""
    return [
        labelled(use, in_crm(output, of, use.prefix))
        for use in connection.scorecards
        for of in OFS
        for output in written(connection, use, of)
    ]


def filled_by_sales(connection: AnyConnection) -> list[Output]:
    """Return the field with feedback, if it is read and the settings name no other one."""
    return [FIELD] if connection.feedback is not None and connection.feedback.is_made else []


def written(connection: AnyConnection, use: ScorecardUse, of: Of = "leads") -> list[Output]:
    """Return the outputs of a scorecard that the settings want in the CRM, for leads or for accounts."""
    card = use.card_of(of)
    if card is None:
        return []
    fitted = of == "leads" or use.accounts_likelihood is not None
    made = (output for output in outputs(card) if fitted or output.name != LIKELIHOOD)
    return [output for output in made if connection.writes(output, use, of)]


def labelled(use: ScorecardUse, output: Output) -> Output:
    """Return an output whose label names the scorecard, where several may be side by side."""
    return replace(output, label=f"{use.card.scorecard}: {output.label}") if use.prefix else output
