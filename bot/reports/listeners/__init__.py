"""Commands, mentions and buttons that ask a question."""
