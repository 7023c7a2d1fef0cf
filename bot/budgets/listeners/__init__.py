"""The buttons and modals of budgets and alerts."""
