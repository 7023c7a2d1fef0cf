"""Digests: scheduled reports in channels."""
