"""Direct messages about people and channels that are gone."""
