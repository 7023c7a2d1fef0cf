"""Read what AI providers charged; usable without Slack and without a database."""
