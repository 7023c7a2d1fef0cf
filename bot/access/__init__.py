"""Roles, visibility and the audit log: what each user may do and see."""
