"""Read the providers and store what they charged."""
