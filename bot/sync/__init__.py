"""Use case: reading every vendor into the ledger."""
