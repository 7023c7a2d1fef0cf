"""Budgets and low-balance alerts: what they are, their evaluation, what people do about them."""
