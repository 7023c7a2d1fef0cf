"""A simulated Slack workspace: real HTTP and websockets, Slack's own rules, people to act as."""

from bot.demo.slack.office import small_office
from bot.demo.slack.pings import pings
from bot.demo.slack.server import SimulatedSlack, serve_slack
from bot.demo.slack.workspace import Workspace

__all__ = ["SimulatedSlack", "Workspace", "pings", "serve_slack", "small_office"]
