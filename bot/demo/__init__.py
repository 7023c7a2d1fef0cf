"""The product on simulated vendors and a simulated Slack, over real HTTP, with a clock to move."""
