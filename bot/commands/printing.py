"""Answers for the terminal: the same message as in Slack as plain text, or one JSON object."""

from typing import Any

from bot.answers.answers import Answer, BalanceAnswer, HelpAnswer, SpendAnswer, StatusAnswer
from bot.slack.messages.answer import answer_message
from bot.slack.plain import plain_text
from bot.spend.as_json import not_understood_json, spend_json, status_json
from bot.spend.grammar.query_types import NotUnderstood
from bot.spend.money_answers import ForecastAnswer, WhyAnswer
from bot.spend.money_json import forecast_json, why_json


def answer_text(answer: Answer) -> str:
    """What `/aicost` would answer, charts as bars and tables aligned."""
    message = answer_message(answer)
    return plain_text({"text": message.text, "blocks": message.blocks})


def answer_json(answer: Answer) -> dict[str, Any]:
    """The answer as one object, for programs."""
    match answer:
        case SpendAnswer() | BalanceAnswer():
            return spend_json(answer.summary)
        case StatusAnswer():
            return status_json(answer.summary, answer.states, answer.troubles)
        case WhyAnswer():
            return why_json(answer)
        case ForecastAnswer():
            return forecast_json(answer)
        case HelpAnswer():
            return {"help": {"topic": answer.topic, "text": answer_text(answer)}}
        case NotUnderstood():
            return not_understood_json(answer)
        case _:
            return {"text": answer_text(answer)}
