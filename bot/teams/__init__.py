"""Allocation of spend to teams, and of providers' users to Slack users."""
