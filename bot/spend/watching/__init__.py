"""Budgets, floors and episodes: what a line crossed means."""
