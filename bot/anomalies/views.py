"""The modal that chooses which channels get anomaly alerts, its submission and the answer."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from bot.access.managed import MANAGED
from bot.analysis import anomalies, hours
from bot.anomalies.models import AnomaliesTurned
from bot.budgets.messages.budgets import reach_lines
from bot.language.commands import AnomalyAlertsSet
from bot.reports.messages.suggestions import ask
from bot.slack.blocks import actions, context, message_of, paragraphs, place, text_message
from bot.slack.fields import Option, channel, field, form, radio
from bot.slack.forms import FormErrors, Submission
from bot.slack.message import Message
from bot.wording import capitalized, listed, plural

ANOMALIES_FORM = "aicost.spikes.form"
CHANNEL = "channel"
STATE = "told"
ON = "on"
OFF = "off"
CHANNELS_SHOWN = 30


def anomalies_view(
    anomaly_channels: Sequence[str], where: str | None, managed: AbstractSet[str] = frozenset()
) -> dict[str, Any]:
    """Return the modal: a channel, and on or off; `anomaly_channels` get the alerts now, of which
    `aicost.toml` manages some."""
    return form(
        ANOMALIES_FORM,
        "Anomaly alerts",
        "Save",
        [
            context([anomaly_channels_text(anomaly_channels, managed)]),
            field(CHANNEL, "Channel", channel(where)),
            field(
                STATE,
                "Alert about unusual spend by day and hour",
                radio([Option("On", ON), Option("Off", OFF)], ON),
            ),
        ],
    )


def anomaly_channels_text(anomaly_channels: Sequence[str], managed: AbstractSet[str]) -> str:
    """Return which channels get anomaly alerts, in mrkdwn, and which of them the file manages."""
    if not anomaly_channels:
        return "No channel gets anomaly alerts."
    shown = [
        f"{place(each)}{f' ({MANAGED})' if each in managed else ''}"
        for each in anomaly_channels[:CHANNELS_SHOWN]
    ]
    rest = len(anomaly_channels) - len(shown)
    more = f"{plural(rest, 'more channel')} (see `aicost audit`)"
    places = listed([*shown, more] if rest else shown)
    return f"Anomaly alerts go to {places}."


def read_anomalies_form(sent: Submission) -> AnomalyAlertsSet | FormErrors:
    """Return the command, or what to fix under each field."""
    chosen = sent.conversation(CHANNEL)
    if not chosen:
        return FormErrors({CHANNEL: "Choose a channel."})
    return AnomalyAlertsSet(sent.text(STATE) != OFF, chosen)


def anomalies_turned_message(answer: AnomaliesTurned) -> Message:
    """Say whether a channel gets anomaly alerts, and how rarely they are wrong."""
    where = capitalized(place(answer.channel))
    if not answer.is_on:
        verb = "no longer gets" if answer.is_changed else "doesn't get"
        again = ask("Turn on again", f"alerts spikes on in <#{answer.channel}>")
        return text_message(f"{where} {verb} cost-anomaly alerts.", again)
    gets = "now gets" if answer.is_changed else "already gets"
    words = (
        f"{where} {gets} cost-anomaly alerts: at least $5 and 50% above the usual spend of that "
        "weekday or hour. One alert per anomaly."
    )
    months = round(1 / (anomalies.FALSE_ALARMS_A_MONTH + hours.FALSE_ALARMS_A_MONTH))
    note = (
        f"Expect about one false alert per connection every {months} months. Alerts start after "
        "ten days of data, for hours at the next sync."
    )
    lines = [words, *reach_lines(answer.reach, answer.channel)]
    turn_off = ask("Turn off", f"alerts spikes off in {where}")
    return message_of([*paragraphs(lines), context([note]), actions([turn_off])])
