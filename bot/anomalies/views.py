"""The modal of the channels that get anomaly alerts, and its submission."""

from collections.abc import Sequence
from typing import Any

from bot.language.commands import AlertsSpikes
from bot.slack.blocks import context
from bot.slack.fields import Option, channel, field, form, radio
from bot.slack.forms import FormErrors, Submission
from bot.wording import listed, plural

SPIKES_FORM = "aicost.spikes.form"
CHANNEL = "channel"
STATE = "told"
ON = "on"
OFF = "off"
SHOWN = 8


def spikes_view(spike_channels: Sequence[str], where: str | None) -> dict[str, Any]:
    """Return the modal: a channel, and on or off; `spike_channels` get the alerts now."""
    return form(
        SPIKES_FORM,
        "Unusual days",
        "Save",
        [
            context([anomaly_channels_text(spike_channels)]),
            field(CHANNEL, "Channel", channel(where)),
            field(
                STATE,
                "Days and hours that cost unusually much",
                radio([Option("Tell the channel", ON), Option("Tell it no longer", OFF)], ON),
            ),
        ],
    )


def anomaly_channels_text(spike_channels: Sequence[str]) -> str:
    """Return which channels get anomaly alerts, in mrkdwn."""
    if not spike_channels:
        return "No channel is told of unusual days and hours."
    shown = [f"<#{each}>" for each in spike_channels[:SHOWN]]
    rest = len(spike_channels) - len(shown)
    more = f"{plural(rest, 'more channel')} (see `aicost audit` where aicost runs)"
    places = listed([*shown, more] if rest else shown)
    return f"Told of unusual days and hours: {places}."


def read_spikes(sent: Submission) -> AlertsSpikes | FormErrors:
    """The command, or what to fix under each field."""
    chosen = sent.conversation(CHANNEL)
    if not chosen:
        return FormErrors({CHANNEL: "Choose a channel."})
    return AlertsSpikes(sent.text(STATE) != OFF, chosen)
