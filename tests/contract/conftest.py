"""CRMs and databases for the tests in this folder."""

from tests.databases import database_url, new_database, postgresql_server, template
from tests.stage import crm, hubspot, opener, salesforce

__all__ = ["crm", "database_url", "hubspot", "new_database", "opener", "postgresql_server", "salesforce", "template"]
