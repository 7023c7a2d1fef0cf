"""The Home tab, onboarding, and what happens in the workspace."""
