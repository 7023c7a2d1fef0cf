"""Presses and modals of budgets and alerts."""
