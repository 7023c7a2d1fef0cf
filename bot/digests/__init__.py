"""Use cases: the morning message, set, due and composed."""
