"""Help, refusals and what is said about files: short answers that no figure is in."""

from collections.abc import Sequence

from bot.language.commands import CommandRejected, Form, Help, Incomplete, ParseFailure, Topic
from bot.language.text import text_of
from bot.reports.messages.suggestions import ask
from bot.reports.models import ExportReady
from bot.slack.blocks import actions, button, context, escape, header, section, text_message
from bot.slack.errors import rejected_message
from bot.slack.message import Message
from bot.slack.openers import DIGEST, NEW_BUDGET, NEW_LOW_BALANCE
from bot.wording import listed, plural, window
from providers.redaction import clip

FORMS: dict[Form, str] = {
    "budget": NEW_BUDGET,
    "low balance": NEW_LOW_BALANCE,
    "digest": DIGEST,
}
"""The action that opens each."""

_LINES: dict[Topic | None, tuple[str, ...]] = {
    None: (
        "`/aicost` – used this month and what is left, every provider in its own terms",
        "`/aicost openai last week by model` – one provider, a period, a cut; in any order",
        "`/aicost balance` – prepaid balances, how fast they go, and until when",
        "`/aicost why yesterday` – what changed, and what drove it",
        "`/aicost forecast` – where the month ends",
        "`/aicost budget set openai 500 monthly` – be warned in this channel",
        "`/aicost alerts` – what is open; `ack`, `snooze`, `history`",
        "`/aicost digest on 09:00 weekdays` – a digest in this channel",
        "`/aicost export last month` – CSV, for you alone",
        "`/aicost status` – how fresh the figures are, and what is wrong",
    ),
    "balance": (
        "`/aicost balance` – every prepaid balance, and until when it lasts",
        "`/aicost balance openrouter` – one provider or connection",
        "`/aicost balance set openai 250 at 2026-11-01` – declare one that no interface tells",
        "`/aicost balance add openai 100` – credit bought since; `expires 2027-11-01` may follow",
        "`/aicost balance forget openai` – take back what was declared",
    ),
    "why": (
        "`/aicost why` – this month against as many days before",
        "`/aicost why openai yesterday` – one provider, one day",
    ),
    "forecast": ("`/aicost forecast` – the month's end, with how sure that is",),
    "budget": (
        "`/aicost budget set openai 500 monthly at 50,80,100` – warn at these percentages",
        "`/aicost budget set project search 40 daily in #search` – one project, another channel",
        "`/aicost budget set openrouter left 20` – warn when less than $20 is left",
        "`/aicost budget set openrouter left 7d` – warn when it lasts less than 7 days",
        "`/aicost budget set all 900 weekly quiet` – nothing is said when an alert is resolved",
        "`/aicost budget list`, `/aicost budget remove openai`",
    ),
    "alerts": (
        "`/aicost alerts list` – what is open; `openai`, `snoozed` or `page 2` may follow",
        "`/aicost alerts ack`, `/aicost alerts snooze 24h`, `/aicost alerts history`",
        "`/aicost alerts spikes on` – tell this channel of unusual days and hours; `off` ends that",
    ),
    "digest": (
        "`/aicost digest on 09:00 weekdays Europe/London` – your time zone where none is said",
        "`/aicost digest on 09:00 weekly openai short` – one provider, in few words",
        "`/aicost digest on 09:00 monthly` – each month once its days have settled",
        "`/aicost digest on 09:00 daily when settled by 11:00` – wait for yesterday's figures",
        "`/aicost digest preview`, `/aicost digest list`, `/aicost digest off`",
    ),
    "export": ("`/aicost export last month` – every charge as CSV, with FOCUS column names",),
    "status": ("`/aicost status` – each connection: fresh, stale or unknown, and why",),
}
_PERIODS = (
    "Periods, in UTC days: today, yesterday, 7d, 3 weeks, mtd, last week, last month, q3, ytd, "
    "2026-10, 15 nov, 2026-11-01..2026-11-15, since 2026-11-10. Breakdowns: by model, project, "
    "key, provider, day, week or month. Compare with vs."
)


def help_message(asked: Help) -> Message:
    """Everything, or one subject."""
    topic = asked.topic
    lines = _LINES[topic]
    title = "What you can ask" if topic is None else f"About {topic}"
    buttons = [ask("This month", "mtd"), ask("Balance", "balance"), ask("Status", "status")]
    if topic is not None:
        buttons.append(ask("All of help", "help"))
    spoken = "; ".join(line.replace("`", "") for line in lines)
    return Message(
        f"{title}: {spoken}. {_PERIODS}",
        (header(title), section("\n".join(lines)), context([_PERIODS]), actions(buttons)),
    )


def refusal_message(result: ParseFailure | Incomplete | CommandRejected) -> Message:
    """Why there is no answer, and what to type instead."""
    if isinstance(result, CommandRejected):
        return rejected_message(result)
    if isinstance(result, Incomplete):
        return incomplete_message(result)
    return not_understood_message(result)


def incomplete_message(typed: Incomplete) -> Message:
    """What is missing, and the form that asks for it, filled with what was said."""
    said = escape(clip(typed.message, 600))
    examples = [f"`{escape(f'/aicost {each}')}`" for each in typed.examples]
    opens = button("Open the form", FORMS[typed.form], text_of(typed))
    shown = f"For example: {listed(examples)}"
    return Message(
        f"{said} {shown.replace('`', '')}.", (section(said), context([shown]), actions([opens]))
    )


def not_understood_message(failure: ParseFailure) -> Message:
    """What was not understood, the question that was obviously meant as a button, two examples."""
    said = escape(clip(failure.message, 600))
    examples = [f"/aicost {example}" for example in failure.examples]
    shown = listed([f"`{escape(clip(example, 120))}`" for example in examples])
    buttons = [ask("Help", "help")]
    spoken = f"{said} For example: {listed([escape(clip(each, 120)) for each in examples])}."
    if failure.suggestion:
        nearest = clip(f"/aicost {failure.suggestion}", 120)
        buttons.insert(0, ask(f"Ask {clip(failure.suggestion, 60)}", failure.suggestion))
        said += f"\nDid you mean `{escape(nearest)}`?"
        spoken += f" Did you mean {escape(nearest)}?"
    return Message(spoken, (section(said), context([f"For example: {shown}"]), actions(buttons)))


def file_words(ready: ExportReady) -> str:
    """Return the text that is posted with the file."""
    period = ready.query.period
    words = (
        f"{plural(ready.rows, 'charge')}, {window(period, period.end)}. Column names are those of "
        "FOCUS; amounts are US dollars. The sum of EffectiveCost is the spend shown in Slack. "
        "BilledCost is what is invoiced: nothing for use of prepaid credit, and the amount paid "
        "where credit was bought."
    )
    return " ".join([words, *_gap_words(ready)])


def export_sent_message(ready: ExportReady) -> Message:
    """Say that the requester has received the file."""
    words = (
        f"Sent to you directly: {escape(ready.name)}, {plural(ready.rows, 'charge')}. "
        "Nobody else got it."
    )
    return text_message(" ".join([words, *_gap_words(ready)]))


def export_not_sent_message(ready: ExportReady, code: str, needed: str | None) -> Message:
    """The file could not be sent: why, and how to have it all the same."""
    if needed:
        why = f"This app may not send files here: an admin can grant the scope {escape(needed)}."
    else:
        why = f"Slack did not take the file ({escape(code)}). Try again in a minute."
    return text_message(f"{why} On the machine that runs aicost: `{escape(ready.command)}`")


def _gap_words(ready: ExportReady) -> Sequence[str]:
    """What the file lacks: its sum would pass for the whole."""
    return [f"Days are missing: {escape(' '.join(ready.gaps))}"] if ready.gaps else []
