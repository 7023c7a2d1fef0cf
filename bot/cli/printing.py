"""What commands print: for people the same message as in Slack as plain text, or lines; for
programs JSON."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from bot.access.messages import audit_json, audit_lines
from bot.cli.doctor import Finding, finding_lines, is_healthy
from bot.db.models import AuditEntry
from bot.language.commands import ParseFailure
from bot.reports.as_json import not_understood_json, spend_json, status_json
from bot.reports.forecast_accuracy import ForecastAccuracy, accuracy_json, accuracy_lines
from bot.reports.messages.answer import without_actions
from bot.reports.messages.suggestions import asked_by
from bot.reports.results import (
    BalanceAnswer,
    ForecastAnswer,
    HelpAnswer,
    SpendAnswer,
    StatusAnswer,
    WhyAnswer,
)
from bot.reports.results_json import forecast_json, why_json
from bot.reports.router import Answer
from bot.slack.text_renderer import plain_text


def answer_text(answer: Answer) -> str:
    """What `/aicost` would answer, charts as bars and tables aligned; of what can be pressed in
    Slack, the questions that lead on."""
    message = answer.message
    words = plain_text({"text": message.text, "blocks": without_actions(message).blocks})
    leads = dict.fromkeys(asked_by(message.blocks))
    return f"{words}\n\nAsk next: {', '.join(leads)}" if leads else words


def answer_json(answer: Answer) -> dict[str, Any]:
    """The answer as one object, for programs."""
    match result := answer.result:
        case SpendAnswer() | BalanceAnswer():
            return spend_json(result.summary)
        case StatusAnswer():
            return status_json(result.summary, result.states, result.problems)
        case WhyAnswer():
            return why_json(result)
        case ForecastAnswer():
            return forecast_json(result)
        case HelpAnswer():
            return {"help": {"topic": result.topic, "text": answer_text(answer)}}
        case ParseFailure():
            return not_understood_json(result)
        case _:
            return {"text": answer_text(answer)}


def answer_object(answer: Answer) -> str:
    """The answer's one object, written out."""
    return _written(answer_json(answer))


def audit_text(entries: Sequence[AuditEntry]) -> str:
    """A line for each change."""
    return "\n".join(audit_lines(entries)) or "Nothing has been changed yet."


def audit_array(entries: Sequence[AuditEntry]) -> str:
    """An object for each change."""
    return _written(audit_json(entries))


def accuracy_text(found: Sequence[ForecastAccuracy]) -> str:
    """Some lines for each connection."""
    return "\n".join(line for each in found for line in accuracy_lines(each))


def accuracy_array(found: Sequence[ForecastAccuracy]) -> str:
    """An object for each connection."""
    return _written([accuracy_json(each) for each in found])


def findings_text(findings: Sequence[Finding]) -> str:
    """A line or two for each finding."""
    return "\n".join(line for finding in findings for line in finding_lines(finding))


def findings_object(findings: Sequence[Finding]) -> str:
    """Whether all is well, and each finding."""
    rows = [asdict(finding) for finding in findings]
    return _written({"healthy": is_healthy(findings), "findings": rows})


def _written(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2)
