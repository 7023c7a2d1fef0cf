"""Direct messages about users and channels that are gone."""
