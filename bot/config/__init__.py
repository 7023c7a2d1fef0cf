"""The environment, .env and aicost.toml: from texts to settings."""
