"""Which channels get anomaly alerts: the modal, its submission and the answer."""

from collections.abc import Sequence
from typing import Any

from bot.analysis import anomalies, hours
from bot.anomalies.models import AnomaliesTurned
from bot.budgets.messages.budgets import reach_lines
from bot.language.commands import AlertsSpikes
from bot.reports.messages.suggestions import ask
from bot.slack.blocks import actions, context, paragraphs, section
from bot.slack.fields import Option, channel, field, form, radio
from bot.slack.forms import FormErrors, Submission
from bot.slack.message import Message
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


def anomalies_turned_message(answer: AnomaliesTurned) -> Message:
    """Say whether a channel gets anomaly alerts, and how rarely they are wrong."""
    where = f"<#{answer.channel}>"
    if not answer.is_on:
        no_longer = "no longer" if answer.is_changed else "not"
        words = f"{where} is {no_longer} told of unusual days and hours."
        again = ask("Tell it again", f"alerts spikes on in {where}")
        return Message(words, (section(words), actions([again])))
    words = (
        f"{where} is {'' if answer.is_changed else 'already '}told of days that cost unusually "
        "much for their weekday, and of hours that cost unusually much for that hour: $5 and half "
        "as much again as usual at least, and well beyond chance. A spell is told once."
    )
    note = (
        f"Expect about {anomalies.FALSE_ALARMS_A_MONTH} false alarms a month for each connection "
        f"by days and {hours.FALSE_ALARMS_A_MONTH} by hours. It takes ten days since the first "
        "use, and hours begin with the next sync."
    )
    row = actions([ask("Stop telling", f"alerts spikes off in {where}")])
    lines = [words, *reach_lines(answer.reach, answer.channel)]
    return Message(" ".join([*lines, note]), (*paragraphs(lines), context([note]), row))
