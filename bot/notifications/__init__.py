"""The outbox: what is to be posted in Slack, until Slack has taken it."""
