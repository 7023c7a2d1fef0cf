"""Modals that ask or share a question."""
