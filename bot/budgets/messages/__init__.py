"""Messages of budgets and alerts: from values to blocks, without I/O."""
