"""The origin of a change, as change events tell it: the API, and the client that it names."""

import re
from typing import Final

from leadgauge_sandbox.salesforce.calls import Call

# `com/salesforce/api/<API_Name>/<API_Version>;client=<Client_ID>`, the client only if the call names one:
# https://developer.salesforce.com/docs/platform/apex-ref/references/apex-ref/apex-class-eventbus-changeeventheader.html
# (2026-11).
_APIS: Final = (
    (re.compile(r"/services/data/v(\d+\.\d)/jobs/.*"), "bulkapi"),
    (re.compile(r"/services/data/v(\d+\.\d)/tooling/.*"), "toolingrest"),
    (re.compile(r"/services/data/v(\d+\.\d)/.*"), "rest"),
    (re.compile(r"/services/async/(\d+\.\d)/.*"), "bulkapi"),
    (re.compile(r"/services/Soap/\w/(\d+\.\d).*", re.IGNORECASE), "soap"),
)
# `Sforce-Call-Options: client=caseSensitiveToken; defaultNamespace=battle`, in earlier releases with a comma:
# https://developer.salesforce.com/docs/platform/api-rest/guide/headers-calloptions.md (2026-11).
_CLIENT: Final = re.compile(r"(?:^|[;,])\s*client=([^;,]+)")


def origin_of(call: Call) -> str:
    """Return the origin of the changes that a call makes."""
    found = next(((api, match[1]) for path, api in _APIS if (match := path.fullmatch(call.path))), None)
    if found is None:
        return ""
    client = _CLIENT.search(call.headers.get("sforce-call-options", ""))
    named = f";client={client[1].strip()}" if client else ""
    return f"com/salesforce/api/{found[0]}/{found[1]}{named}"
