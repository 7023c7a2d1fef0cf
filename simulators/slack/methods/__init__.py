"""The Web API methods that the simulated Slack knows."""
