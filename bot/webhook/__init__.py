"""The webhook: events of alerts and digests, signed, for one receiver outside Slack."""
