"""A simulated Slack workspace: real HTTP and websockets, Slack's own rules, people to act as."""

from simulators.slack.office import small_office
from simulators.slack.pings import pings
from simulators.slack.server import SimulatedSlack, serve_slack
from simulators.slack.workspace import Workspace

__all__ = ["SimulatedSlack", "Workspace", "pings", "serve_slack", "small_office"]
