"""Output of commands: the messages of Slack as plain text, or JSON; progress bars of a sync."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from bot.language.commands import ParseFailure
from bot.ledger import sync_report
from bot.reports.as_json import (
    compare_json,
    forecast_json,
    limits_json,
    not_understood_json,
    spend_json,
    status_json,
    why_json,
)
from bot.reports.messages.sharing import without_actions
from bot.reports.messages.suggestions import asked_by
from bot.reports.models import (
    BalanceAnswer,
    CompareAnswer,
    ForecastAnswer,
    HelpAnswer,
    LimitsAnswer,
    SpendAnswer,
    StatusAnswer,
    WhyAnswer,
)
from bot.reports.router import Answer
from bot.slack.text_renderer import plain_text
from bot.statements.files import statement_json
from bot.statements.models import MonthStatement


def answer_text(answer: Answer) -> str:
    """Return `/aicost`'s answer as text, with charts as bars and aligned tables. Of the buttons,
    only the questions are listed."""
    message = answer.message
    words = plain_text({"text": message.text, "blocks": without_actions(message).blocks})
    leads = dict.fromkeys(asked_by(message.blocks))
    return f"{words}\n\nAsk next: {', '.join(leads)}" if leads else words


def answer_json(answer: Answer) -> dict[str, Any]:
    """Return the answer as a JSON object."""
    match result := answer.result:
        case SpendAnswer() | BalanceAnswer():
            return spend_json(result.summary)
        case CompareAnswer():
            return compare_json(result)
        case StatusAnswer():
            return status_json(result)
        case LimitsAnswer():
            return limits_json(result)
        case WhyAnswer():
            return why_json(result)
        case ForecastAnswer():
            return forecast_json(result)
        case MonthStatement():
            return statement_json(result)
        case HelpAnswer():
            return {"help": {"topic": result.topic, "text": answer_text(answer)}}
        case ParseFailure():
            return not_understood_json(result)
        case _:
            return {"text": answer_text(answer)}


def written(content: object) -> str:
    """Return JSON text."""
    return json.dumps(content, ensure_ascii=False, indent=2)


@contextmanager
def progress_bars() -> Iterator[sync_report.Progress]:
    """Yield a progress display on standard error, with a bar for each connection, if that is a
    terminal."""
    if not sys.stderr.isatty():
        yield sync_report.silent
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("days, back to {task.fields[reached]}"),
    )
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:

        def show(step: sync_report.SyncStep) -> None:
            if step.connection not in tasks:
                tasks[step.connection] = bars.add_task(
                    step.connection, total=step.days_planned, reached=step.reached
                )
            bars.update(
                tasks[step.connection],
                completed=step.days_read,
                total=step.days_planned,
                reached=step.reached,
            )

        yield show
