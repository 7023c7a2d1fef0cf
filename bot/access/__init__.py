"""Who may do what and see what: users, roles, visibility, the audit log."""
