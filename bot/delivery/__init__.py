"""How anything unasked reaches Slack: the outbox and the ports around it."""
