"""What Salesforce has announced to end, and which settings use it."""

from datetime import date
from typing import Final

from connectors.endings import Ending
from connectors.salesforce.settings import SalesforceSettings

# Salesforce names releases only. Summer releases reach the first production orgs in June.
_SUMMER_2027: Final = date(2027, 6, 1)
_OLDEST: Final = 41.0
"""The oldest version that stays supported."""

ENDINGS: Final[tuple[Ending[SalesforceSettings], ...]] = (
    Ending(
        "sign-in by password (SOAP `login()`)",
        _SUMMER_2027,
        "Summer '27",
        "auth",
        lambda settings: settings.auth.flow == "password",
        "Create an External Client App and use `flow: jwt` or `flow: client_credentials`; see docs/salesforce.md.",
        "https://help.salesforce.com/s/articleView?id=005132110&type=1",
    ),
    Ending(
        "an API version below 41",
        _SUMMER_2027,
        "Summer '27, and removed in Summer '28",
        "api_version",
        lambda settings: float(settings.api_version) < _OLDEST,
        "Remove `api_version`.",
        "https://help.salesforce.com/s/articleView?id=005321531&type=1",
    ),
)
