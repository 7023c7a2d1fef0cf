"""Slack: the app, its connection, users, channels, and builders of blocks, charts and text."""
