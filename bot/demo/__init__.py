"""The whole bot on the simulators: the demo's stage, scenarios and page."""
