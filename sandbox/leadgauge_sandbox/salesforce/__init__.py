"""A Salesforce that runs on this machine: a real HTTP server with the wire shapes, limits and moods of the real one.

`create_app` makes a Starlette application; `sandbox.server` serves it. See `docs/sandbox-salesforce.md`.
"""

from leadgauge_sandbox.salesforce.app import create_app
from leadgauge_sandbox.salesforce.faults import FAULTS
from leadgauge_sandbox.salesforce.users import Credentials

__all__ = ["FAULTS", "Credentials", "create_app"]
