"""Answers to questions: spend, balances, causes, forecasts, status, exports."""
