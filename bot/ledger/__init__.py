"""Read the providers and keep what they charged."""
