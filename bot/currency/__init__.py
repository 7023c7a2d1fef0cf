"""Amounts shown in a reporting currency, next to US dollars."""
