"""Remembering: the ledger on SQLite or PostgreSQL, behind the protocols of `bot.ports`."""
