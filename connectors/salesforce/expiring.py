"""When the certificate that we sign in with ends, if the private key's file has it."""

import logging
from collections.abc import Iterator
from datetime import UTC
from typing import Final

from cryptography import x509  # comes with simple-salesforce, whose JWT needs it

from connectors.salesforce.settings import Jwt, SalesforceSettings
from vocabulary.expiries import Expiry

_BEGINS: Final = "-----BEGIN CERTIFICATE-----"
_REMEDY: Final = (
    "Make a new one, add it to the app in Salesforce, and put it into the file of `private_key` with its key; see"
    " docs/salesforce.md."
)

logger: Final = logging.getLogger(__name__)


def of_sign_in(settings: SalesforceSettings) -> Iterator[Expiry]:
    """Yield the end of the certificate of `flow: jwt`. Salesforce itself does not tell it to an integration user."""
    text = settings.auth.private_key.reveal() if isinstance(settings.auth, Jwt) else ""
    if _BEGINS not in text:
        return
    try:
        (certificate, *_) = x509.load_pem_x509_certificates(text[text.index(_BEGINS) :].encode())
    except ValueError:
        logger.warning("The certificate in `private_key` cannot be read, so nobody can be told before it ends.")
        return
    at = certificate.not_valid_after_utc.astimezone(UTC)
    yield Expiry("sign-in", "the certificate that signs in to Salesforce", at, _REMEDY)
