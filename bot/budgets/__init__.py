"""Budgets and low-balance alerts: their rules, their evaluation and what users do about them."""
