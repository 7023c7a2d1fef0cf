"""The database: engine, sessions, leases, migrations and tables."""
