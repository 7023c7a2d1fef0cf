"""A simulated Slack workspace: real HTTP and websockets, Slack's own rules, people to act as."""
