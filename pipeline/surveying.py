"""Look at a CRM before there are settings, to draft them."""

from collections.abc import Mapping
from typing import Final

from pydantic import ValidationError

from config.drafting import Access
from connectors.base import ConfigurationError, Connector
from connectors.hubspot.settings import HubSpotSettings
from connectors.salesforce.settings import SalesforceSettings
from vocabulary.survey import Survey

_AUTH: Final[Mapping[str, object]] = {
    "flow": "client_credentials",
    "consumer_key": {"env": "SALESFORCE_CONSUMER_KEY"},
    "consumer_secret": {"env": "SALESFORCE_CONSUMER_SECRET"},
}


def access_to(crm: str, domain: str | None, base_url: str | None) -> Access:
    """Return how to reach a CRM with the secrets that `init` names; raise ConfigurationError if a part is missing."""
    address = {"base_url": base_url} if base_url else {}
    if crm == "hubspot":
        if domain:
            raise ConfigurationError("HubSpot has no My Domain.", remedy="Leave out --domain, or choose Salesforce.")
        return _checked(Access({"crm": crm, "token": {"env": "HUBSPOT_TOKEN"}, **address}))
    if not domain and not base_url:
        remedy = "Give what stands before .salesforce.com where you sign in: --domain acme.my"
        raise ConfigurationError("Salesforce needs your My Domain.", remedy=remedy)
    where = {"domain": domain} if domain else {}
    return _checked(Access({"crm": crm, **where, "auth": _AUTH, **address}))


def surveyed(access: Access) -> Survey:
    """Return what the CRM holds."""
    connector = _connector(access)
    try:
        return connector.survey()
    finally:
        connector.close()


def _checked(access: Access) -> Access:
    model = HubSpotSettings if access.settings["crm"] == "hubspot" else SalesforceSettings
    try:
        model.model_validate(access.settings)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise ConfigurationError(f"The CRM cannot be addressed like this: {wrong}.", remedy="See --help.") from None
    return access


def _connector(access: Access) -> Connector:
    if access.settings["crm"] == "hubspot":
        from connectors.hubspot import HubSpot  # noqa: PLC0415 - only the CRM in use is imported

        return HubSpot(HubSpotSettings.model_validate(access.settings), {}, [], hurried=True)
    from connectors.salesforce import Salesforce  # noqa: PLC0415 - only the CRM in use is imported

    return Salesforce(SalesforceSettings.model_validate(access.settings), {}, [], hurried=True)
