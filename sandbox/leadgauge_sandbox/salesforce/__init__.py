"""A local Salesforce: a real HTTP server with Salesforce's responses, limits and faults.

`create_app` returns a Starlette application; `leadgauge_sandbox.server` serves it. See `docs/sandbox-salesforce.md`.
"""

from leadgauge_sandbox.salesforce.app import create_app
from leadgauge_sandbox.salesforce.faults import FAULTS
from leadgauge_sandbox.salesforce.users import Credentials

__all__ = ["FAULTS", "Credentials", "create_app"]
