"""The Home tab, onboarding, and changes of the workspace."""
