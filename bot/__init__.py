"""The Slack app: what teams' AI providers cost, what is left, and when it stops."""
