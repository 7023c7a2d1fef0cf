"""Listeners of commands, mentions and buttons that ask a question."""
