"""What AI vendors charged, read from them; usable with no Slack and no database."""
