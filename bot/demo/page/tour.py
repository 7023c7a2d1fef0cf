"""A guided tour: five things to try, each done by hand or at a press, seen to be done."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_UP, Decimal
from typing import Any

from bot.demo.slack.things import Message
from bot.demo.stage import Stage
from bot.demo.steps import Happen, Move, Say, Step
from bot.slack.plain import plain_text
from providers.money import total
from providers.period import DAY, Period, utc_day

DIGEST = "aicost.digest."
ALERT = "aicost.alert."
FULL_SO_FAR = Decimal("0.72")
"""How much of its budget the tour finds used: past the first line, before the second."""
WEEKEND = 5


@dataclass(frozen=True, slots=True)
class Stop:
    """One thing to try."""

    title: str
    says: str
    button: str
    steps: Callable[[Stage], Sequence[Step]]
    """What the button does."""
    is_done: Callable[[Stage], bool]


def stops_done(stage: Stage) -> list[bool]:
    """For each stop whether it was seen to."""
    return [stop.is_done(stage) for stop in TOUR]


def _ask(_: Stage) -> list[Step]:
    return [Say("/aicost")]


def _digest(stage: Stage) -> list[Step]:
    days = 1
    while (stage.clock() + timedelta(days=days)).weekday() >= WEEKEND:
        days += 1
    return [Say("/aicost digest on 09:00 weekdays"), *[Move("day")] * days]


def _budget(stage: Stage) -> list[Step]:
    return [Say(f"/aicost budget set openai {_budget_amount(stage):f} monthly at 50,80,100")]


def _spike(_: Stage) -> list[Step]:
    return [Happen("spike"), Move("day"), Move("day")]


def _top_up(_: Stage) -> list[Step]:
    return [
        Say("/aicost budget set openrouter left 9d"),
        Move("day"),
        Move("day"),
        Move("day"),
        Happen("top-up"),
        Move("hour"),
    ]


def _budget_amount(stage: Stage) -> Decimal:
    """A round amount of which the month has used about seven tenths; on the first days of a month,
    what two and a half days cost."""
    openai = stage.scene.vendors.world.openai
    truth = stage.scene.vendors.world.truth
    today = utc_day(stage.clock())
    a_day = total(truth.openai(day) for day in Period(today - DAY * 7, today)) / 7
    amount = max(openai.month_to_date() / FULL_SO_FAR, a_day * Decimal("2.5"))
    return (amount / 50).quantize(Decimal(1), rounding=ROUND_UP) * 50


def _has_asked(stage: Stage) -> bool:
    return any(message.shown_to for message in _by_app(stage))


def _has_digest(stage: Stage) -> bool:
    return any(
        message.shown_to is None and _has_action(message, DIGEST) for message in _by_app(stage)
    )


def _has_budget(stage: Stage) -> bool:
    return any("budget set" in _said(message).lower() for message in _by_app(stage)) or any(
        "OpenAI budget" in _said(message) for message in _by_app(stage)
    )


def _has_spiked(stage: Stage) -> bool:
    since = _happened_at(stage, "Spending spike")
    return since is not None and any(
        float(message.ts) >= since and _has_action(message, ALERT)
        for message in _by_app(stage)
        if message.shown_to is None
    )


def _is_topped_up(stage: Stage) -> bool:
    return _happened_at(stage, "Top-up") is not None and any(
        message.edits and "topped up" in _said(message)
        for message in _by_app(stage)
        if message.shown_to is None
    )


def _happened_at(stage: Stage, title: str) -> float | None:
    return next((one.at.timestamp() for one in stage.happened if one.words.startswith(title)), None)


def _by_app(stage: Stage) -> Iterator[Message]:
    for channel in stage.office.channels.values():
        for message in channel.everything:
            if message.user == stage.office.app.bot_user and not message.is_deleted:
                yield message


def _said(message: Message) -> str:
    return plain_text({"text": message.text, "blocks": message.blocks})


def _has_action(message: Message, prefix: str) -> bool:
    return any(
        str(element.get("action_id", "")).startswith(prefix)
        for block in message.blocks
        for element in _elements(block)
    )


def _elements(block: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    inside = [block.get("accessory"), *(block.get("elements") or ())]
    return [element for element in inside if isinstance(element, Mapping)]


TOUR: Sequence[Stop] = (
    Stop(
        "Ask",
        "Type /aicost in #ai-costs. The answer is for you alone until you share it; its buttons "
        "ask the next question.",
        "Ask for me",
        _ask,
        _has_asked,
    ),
    Stop(
        "Get a digest",
        "Turn a digest on for this channel, then move the clock to the next working day.",
        "Turn it on and wait",
        _digest,
        _has_digest,
    ),
    Stop(
        "Set a budget",
        "Set a monthly budget for OpenAI. aicost says at once where it stands, and warns once for "
        "each line that is crossed later.",
        "Set a budget",
        _budget,
        _has_budget,
    ),
    Stop(
        "Survive a spike",
        "Let a project spend six times as much, and move two days on: the alert names what drove "
        "it.",
        "Spike, then two days on",
        _spike,
        _has_spiked,
    ),
    Stop(
        "Run low, top up",
        "Ask to be warned before prepaid credit runs out, let three days pass, and buy credit: the "
        "alert says that it is over.",
        "Run low and top up",
        _top_up,
        _is_topped_up,
    ),
)
