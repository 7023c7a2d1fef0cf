"""The database: engine, sessions, leases, migrations, tables and queries."""
