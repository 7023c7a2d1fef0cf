"""Statements of closed months, for filing."""
