"""What the environment and `aicost.toml` say."""
