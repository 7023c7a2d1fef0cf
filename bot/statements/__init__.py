"""Statements: what a closed month came to, for those who file it."""
