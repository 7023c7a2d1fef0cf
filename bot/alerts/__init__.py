"""Use cases: budgets, floors, and the alerts they give rise to."""
