"""Pure statistics: forecasts, expected ranges, anomalies, burn rates, causes of change."""
