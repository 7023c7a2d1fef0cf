"""Use cases: what is asked, and what is done about it."""
