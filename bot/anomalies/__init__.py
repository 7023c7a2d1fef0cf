"""Alerts of days and hours that cost unusually much."""
