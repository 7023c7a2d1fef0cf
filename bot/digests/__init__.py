"""Digests: reports that a channel gets on a schedule."""
