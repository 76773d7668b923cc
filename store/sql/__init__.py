"""The database layer: connections, tables, bulk statements, leases and runs."""
