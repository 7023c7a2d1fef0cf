"""Settings as `aicost.toml` says them: compared with what is set, applied, written as a file."""
