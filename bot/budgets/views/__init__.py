"""Modals of budgets and alerts: from values to views, without I/O."""
