"""Read what AI providers charged. Usable without Slack and without a database."""
