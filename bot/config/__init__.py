"""Settings from the environment, .env and aicost.toml."""
