"""The command that chooses which channels get anomaly alerts."""

from bot.anomalies.service import SpikeWatching
from bot.budgets.messages.results import render
from bot.language.commands import AlertsSpikes
from bot.reports.router import Command, Commands


def commands(spikes: SpikeWatching) -> Commands:
    """What can be typed about anomaly alerts."""
    return {AlertsSpikes: Command("operate", spikes.turn, render)}
