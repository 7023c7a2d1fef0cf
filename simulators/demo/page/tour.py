"""A guided tour: five steps to try, by hand or with a button. The tour shows which are done."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import ROUND_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from providers.money import total
from providers.period import DAY, Period, utc_day
from simulators.demo.stage import Stage
from simulators.demo.steps import Happen, Move, Say, Step
from simulators.slack.office import MANAGER
from simulators.slack.things import Message

DIGEST = "aicost.digest."
ALERT = "aicost.alert."
FULL_SO_FAR = Decimal("0.72")
"""How much of its budget is used in the tour: past the first threshold, before the second."""
DIGEST_AT = time(9)
STILL_LEFT = Decimal("0.93")
"""The share of today's balance at which the tour sets its alert: three days use more."""
WEEKEND = 5


@dataclass(frozen=True, slots=True)
class TourStop:
    """One thing to try."""

    title: str
    says: str
    button: str
    steps: Callable[[Stage], Sequence[Step]]
    """The button's effect."""
    evidence: Callable[[Stage], Message | None]
    """The message that shows that it was done."""
    unseen: str
    """Why it may not have been seen, if the message is missing after the press."""


def evidence(stage: Stage) -> list[Message | None]:
    """For each step the message that shows that it was done; None if it wasn't."""
    return [stop.evidence(stage) for stop in TOUR]


def _ask(_: Stage) -> list[Step]:
    return [Say("/aicost")]


def _digest(stage: Stage) -> list[Step]:
    now = stage.clock().astimezone(ZoneInfo(stage.person(MANAGER).tz))
    due = datetime.combine(now.date(), DIGEST_AT, now.tzinfo)
    while due <= now or due.weekday() >= WEEKEND:
        due += timedelta(days=1)
    days = (due - now) // timedelta(days=1) + 1
    return [Say("/aicost digest on 09:00 weekdays"), *[Move("day")] * days]


def _budget(stage: Stage) -> list[Step]:
    return [Say(f"/aicost budget set openai {_budget_amount(stage):f} monthly at 50,80,100")]


def _spike(_: Stage) -> list[Step]:
    return [Say("/aicost alerts spikes on"), Happen("spike"), Move("day"), Move("day")]


def _top_up(stage: Stage) -> list[Step]:
    account = stage.scene.providers.world.openrouter
    left = account.total_credits() - account.total_usage()
    return [
        Say(f"/aicost budget set openrouter left {left * STILL_LEFT:.0f}"),
        Move("day"),
        Move("day"),
        Move("day"),
        Happen("top-up"),
        Move("hour"),
    ]


def _budget_amount(stage: Stage) -> Decimal:
    """A round amount of which the month has used about seven tenths; on the first days of a month,
    what four more days cost."""
    openai = stage.scene.providers.world.openai
    truth = stage.scene.providers.world.truth
    today = utc_day(stage.clock())
    a_day = total(truth.openai(day) for day in Period(today - DAY * 7, today)) / 7
    used = openai.month_to_date()
    amount = max(used / FULL_SO_FAR, used + a_day * 4)
    return (amount / 50).quantize(Decimal(1), rounding=ROUND_UP) * 50


def _answer(stage: Stage) -> Message | None:
    return next((message for message in _by_app(stage) if message.shown_to), None)


def _newest_digest(stage: Stage) -> Message | None:
    return next((message for message in _shared(stage) if _has_action(message, DIGEST)), None)


def _budget_is_set(stage: Stage) -> Message | None:
    for message in _by_app(stage):
        if stage.office.render(message.as_json()).startswith("Budget created:"):
            return message
    return None


def _spike_alert(stage: Stage) -> Message | None:
    since = _happened_at(stage, "Spending spike")
    alerts = [
        message
        for message in _shared(stage)
        if since is not None and float(message.ts) >= since and _is_alert(stage, message)
    ]
    return alerts[-1] if alerts else None


def _is_alert(stage: Stage, message: Message) -> bool:
    """Return True for an alert, open or resolved: a resolved one has no buttons."""
    return _has_action(message, ALERT) or "Unusual " in stage.office.render(message.as_json())


def _topped_up(stage: Stage) -> Message | None:
    if _happened_at(stage, "Top-up") is None:
        return None
    read = stage.office.render
    ended = (m for m in _shared(stage) if m.edits and "topped up" in read(m.as_json()))
    return next(ended, None)


def _happened_at(stage: Stage, title: str) -> float | None:
    return next((one.at.timestamp() for one in stage.happened if one.words.startswith(title)), None)


def _by_app(stage: Stage) -> Iterator[Message]:
    """Yield the newest of each channel first: a stop that is done again shows what came of that."""
    for channel in stage.office.channels.values():
        for message in reversed(channel.everything):
            if message.user == stage.office.app.bot_user and not message.is_deleted:
                yield message


def _shared(stage: Stage) -> Iterator[Message]:
    return (message for message in _by_app(stage) if message.shown_to is None)


def _has_action(message: Message, prefix: str) -> bool:
    return any(
        str(element.get("action_id", "")).startswith(prefix)
        for block in message.blocks
        for element in _elements(block)
    )


def _elements(block: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    inside = [block.get("accessory"), *(block.get("elements") or ())]
    return [element for element in inside if isinstance(element, Mapping)]


TOUR: Sequence[TourStop] = (
    TourStop(
        "Ask",
        "Type /aicost in #ai-costs. Only you see the answer until you share it. Its buttons ask "
        "the next question.",
        "Ask for me",
        _ask,
        _answer,
        "The answer didn't arrive. Is Slack failing? End that event, and try again.",
    ),
    TourStop(
        "Get a digest",
        "Turn on a digest for this channel, then move the clock to the next working day.",
        "Turn it on and wait",
        _digest,
        _newest_digest,
        "No digest was posted. Is the channel archived, or is Slack failing?",
    ),
    TourStop(
        "Set a budget",
        "Set a monthly budget for OpenAI. aicost shows how much of it is used, and sends one alert "
        "for each threshold that is passed later.",
        "Set a budget",
        _budget,
        _budget_is_set,
        "The budget was not set. See the answer in #ai-costs.",
    ),
    TourStop(
        "Survive a spike",
        "Turn on cost-anomaly alerts, let a project spend six times as much, and move the clock "
        "two days. The alert names the cause.",
        "Spike, then two days on",
        _spike,
        _spike_alert,
        "No alert was posted. Was OpenAI down, or did another spike end just before?",
    ),
    TourStop(
        "Run low, top up",
        "Set a low-balance alert, let three days pass, and buy credit. The alert is then resolved.",
        "Run low and top up",
        _top_up,
        _topped_up,
        "No alert was posted and resolved. Was OpenRouter down, or was credit bought before?",
    ),
)
