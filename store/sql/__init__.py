"""The database under everything: connections, tables, bulk statements, leases, runs."""
