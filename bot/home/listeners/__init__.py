"""Listeners of the Home tab and of workspace events."""
