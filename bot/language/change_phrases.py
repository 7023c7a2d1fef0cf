"""The phrases of commands that change something. See `bot.language.phrase`."""

from bot.language.phrase import Phrase

_BUDGET = (
    "forecast thresholds, difference, mentions, thresholds, place, channel, each, scope, about, "
    "amount, "
    "budget period, quiet"
)
CHANGES: tuple[Phrase, ...] = (
    Phrase(
        "low balance",
        "budget set left; budget left; budget set below; budget below; notify below; notify left; "
        "notify below left; alerts set below; notify below balance; "
        "notify below left balance; notify left balance; notify balance",
        "mentions, limit, channel, scope, about, quiet",
        "balance account there are only at than or less drops goes falls runs alert before "
        "about week weeks days day",
        is_change=True,
        topic="budget",
        refused="thresholds, budget period",
        reason="A low-balance alert has no period and no percentages.",
        is_of_balances=True,
    ),
    Phrase(
        "budget remove",
        "budget remove; cap remove; budget cap remove; budget off; alerts budget remove; budget "
        "unneeded remove; budget cap unneeded remove",
        "reference",
        "alert it anymore any more now",
        True,
        "budget",
    ),
    Phrase(
        "budget set",
        "budget set; budget set alerts; budget give +amount",
        _BUDGET,
        "alert alerts",
        True,
        "budget",
    ),
    Phrase(
        "budget change",
        "budget change; cap change; budget cap change; budget set change; budget change "
        "+instead; budget set +instead; budget +instead; thresholds change; thresholds set; "
        "budget thresholds change; budget thresholds set; budget thresholds; budget +multiplied; "
        "cap +multiplied; budget cap +multiplied; thresholds +multiplied; budget thresholds "
        "+multiplied",
        f"former, {_BUDGET}",
        "alert alerts",
        True,
        "budget",
    ),
    Phrase(
        "budget alert",
        "notify above; notify above +each +money; alerts set above; notify +percent; "
        "notify +percent +amount; notify +percent budget; notify above +percent; notify above "
        "budget +percent; notify used "
        "+percent budget; notify used +percent; notify used above +percent; notify used budget "
        "+percent",
        _BUDGET,
        "usage more than or at budget reached our once through into been have we've used spent",
        is_change=True,
        topic="budget",
    ),
    Phrase(
        "low balance form",
        "alerts below; alerts below balance; alerts below left; alerts left; alerts below left "
        "balance",
        "limit, channel, scope, about",
        "balance account there are only at than or less drops goes falls runs",
        is_change=True,
        topic="budget",
        refused="thresholds, budget period",
        reason="A low-balance alert has no period and no percentages.",
        is_of_balances=True,
    ),
    Phrase(
        "budget form",
        "change +amount; set +amount; alerts above; never above; keep below; keep within; "
        "budget keep below; budget keep within; at_most +money; at_most +each +money; give "
        "+each +money; give +each +amount; budget at_most; gets +each +money; gets at_most "
        "+each +money; notify +each +money; alerts +each +money; notify alerts +each +money",
        "former, difference, thresholds, place, channel, each, scope, about, amount, budget period",
        "more than budget gets get has have receives may should spend can give allowed",
        is_change=True,
        topic="budget",
    ),
    Phrase(
        "budget rate",
        "+rate",
        "each, scope, about, amount, budget period",
        is_change=True,
        topic="budget",
    ),
    Phrase("budget", "budget", _BUDGET, "alert alerts", True, "budget"),
    Phrase(
        "budget set",
        "cap; cap set; budget cap set; budget cap; cap notify +amount; cap notify above +amount; "
        "cap set notify +amount; "
        "budget cap notify +amount; budget notify +amount; budget set notify +amount",
        _BUDGET,
        "",
        True,
        "budget",
    ),
    Phrase(
        "spikes on",
        "spikes on; alerts spikes on; alerts spikes set; spikes set; spikes notify; alerts "
        "spikes notify; notify jumps when; notify anomalies; alerts anomalies on; alerts "
        "anomalies set; anomalies on; notify anomalies when; notify spikes when; alerts jumps "
        "on; alerts when jumps; alerts jumps set; alerts anomalies notify; notify above jumps "
        "when; notify changed jumps when",
        "channel",
        "alert spend costs about of for if when there are any cost usage look looks something "
        "anything things detection spending start starts gets get is ai our seem seems suddenly "
        "high happens happen happening goes going us we here ever again the with",
        is_change=True,
        topic="alerts",
    ),
    Phrase(
        "spikes off",
        "spikes off; alerts spikes off; spikes notify off; anomalies off; alerts anomalies off; "
        "spikes off snooze; alerts spikes off snooze; alerts spikes snooze; anomalies notify "
        "off; spikes unneeded; alerts spikes unneeded; alerts anomalies unneeded; anomalies "
        "unneeded",
        "channel",
        "alert spend costs about of for if when there are any cost with too noisy many annoying "
        "detection spending us me anymore more",
        is_change=True,
        topic="alerts",
    ),
    Phrase("spikes", "alerts spikes", "channel", "", True, "alerts"),
    Phrase(
        "alerts snooze",
        "alerts snooze; alerts snooze above",
        "until, number, scope, about",
        "alert put",
        is_change=True,
        topic="alerts",
        refused="rhythm, later",
        reason="An alert is snoozed by its number, for up to a month: alerts snooze 3 2d.",
    ),
    Phrase(
        "snooze",
        "snooze; budget snooze; budget snooze alerts",
        "until, number, scope, about",
        "this it that alerts",
        is_change=True,
        topic="alerts",
        refused="later",
        reason="An alert is snoozed by its number, for up to a month: alerts snooze 3 2d.",
        readings=("Name the alert by its number.", "alerts snooze 3 1d", "digest off"),
    ),
    Phrase("alerts list", "notify off", "scope, about", "about", True, "alerts"),
    Phrase(
        "alerts off",
        "alerts off; quieted; quieted alerts; alerts on off; budget off alerts; notify off all; "
        "alerts below off; alerts "
        "below remove; alerts below balance off; alerts below balance remove; alerts left off; "
        "alerts left remove; alerts balance off; alerts balance remove; alerts running_low off; "
        "alerts running_low remove",
        "scope, about",
        "all from sending getting these posting any more the alert",
        is_change=True,
        topic="alerts",
        refused="until, later",
        reason="An alert is snoozed by its number: alerts snooze 3 1h.",
        readings=(
            (
                "“budget list” shows budgets and low-balance alerts to remove. “alerts spikes off” "
                "ends anomaly alerts here, “digest off” the digest, and “alerts snooze 3 1d” "
                "silences one alert for a day."
            ),
            "budget list",
            "alerts spikes off",
        ),
    ),
    Phrase(
        "alerts ack",
        "alerts ack; ack",
        "number, scope, about",
        "alert thing one",
        is_change=True,
        topic="alerts",
    ),
    Phrase(
        "digest off",
        "digest off; unsubscribe; report off; digest snooze; digest off send; report off send; "
        "digest remove; report remove; report snooze",
        "number, rhythm",
        "posting sending for channel here more these those this that in reports the we us our",
        is_change=True,
        topic="digest",
        refused="days, until, later, scope, about",
        reason="A digest is turned off until it is turned on again, with “digest on”. If there are "
        "several here, give its number.",
    ),
    Phrase(
        "digest change",
        "digest change; send +instead; digest send change; digest on change; digest set change; "
        "digest change +instead; digest send +instead; digest set +instead; digest +instead; "
        "digest on +instead; digest change time_zone; time_zone change; time_zone set; "
        "report change; report +instead; "
        "digest time_zone; digest set time_zone; digest on time_zone",
        "former, rhythm, days, time, zone, own place, channel, scope, about",
        "morning timezone time zone mornings only",
        is_change=True,
        topic="digest",
    ),
    Phrase(
        "digest on",
        "digest on; digest send; report send; digest set; digest set on; report start; digest "
        "start; report start send; digest start send",
        "at once, another, settled, rhythm, days, time, zone, depth, own place, channel, "
        "scope, about",
        "morning timezone time zone mornings only",
        is_change=True,
        topic="digest",
    ),
    Phrase(
        "digest",
        "digest; digest +weekdays; digest +daily; digest +weekly; digest +monthly",
        "another, settled, rhythm, days, time, zone, depth, own place, channel, scope, about",
        "morning timezone time zone mornings only",
        is_change=True,
        topic="digest",
    ),
    Phrase(
        "digest form",
        "report morning; report +daily; report +weekly; report +weekdays; report +monthly; "
        "report +weekday; report +weekday morning; report +weekly +weekday; send +daily; send "
        "+weekly; send +weekdays; send +monthly; send +weekday",
        "rhythm, days, time, zone, own place, channel, scope, about",
        "only numbers figures totals costs cost spend spending here overview morning mornings "
        "start schedule begin afternoon afternoons evening short brief quick have get",
        is_change=True,
        topic="digest",
    ),
    Phrase(
        "balance set",
        "balance declare",
        "expiry, scope, declared, day",
        "was is were",
        is_change=True,
        topic="balance",
    ),
    Phrase(
        "balance add",
        "balance bought; topped_up +amount; balance topped_up; paid into +amount; balance paid "
        "into",
        "expiry, scope, amount, day",
        "was is were up worth with by",
        is_change=True,
        topic="balance",
    ),
    Phrase("balance forget", "balance forget", "scope", "", True, topic="balance"),
    Phrase(
        "invoice remove",
        "statement invoice remove; statement invoice forget; invoice remove; invoice forget",
        "scope, period",
        is_change=True,
        topic="statement",
    ),
    Phrase(
        "invoice",
        "statement invoice set; invoice set; invoice change; statement invoice; invoice",
        "scope, declared, month",
        "total was is",
        is_change=True,
        topic="statement",
    ),
)
