"""Help, refusals and what is said about files: short answers that no figure is in."""

from collections.abc import Sequence

from bot.language.commands import CommandRejected, Form, Help, Incomplete, ParseFailure, Topic
from bot.language.text import text_of
from bot.reports.messages.suggestions import ask
from bot.reports.models import ExportReady, FilesReady
from bot.slack.blocks import (
    actions,
    button,
    context,
    escape,
    header,
    message_of,
    section,
    text_message,
)
from bot.slack.errors import rejected_message
from bot.slack.message import Message
from bot.slack.openers import DIGEST, NEW_BUDGET, NEW_LOW_BALANCE
from bot.wording import listed, plural, window
from providers.catalog import example
from providers.redaction import clip

FORMS: dict[Form, str] = {
    "budget": NEW_BUDGET,
    "low balance": NEW_LOW_BALANCE,
    "digest": DIGEST,
}
"""The action that opens each."""

_POSTPAID, _PREPAID = example("postpaid"), example("prepaid")
_LINES: dict[Topic | None, tuple[str, ...]] = {
    None: (
        "`/aicost` – see this month's spend and what is left, by provider",
        (
            f"`/aicost {_POSTPAID} last week by model` – pick provider, period, breakdown, in any "
            "order"
        ),
        "`/aicost balance` – see prepaid balances and how long they last",
        "`/aicost limits` – see the providers' own limits and what is used of them",
        "`/aicost why yesterday` – see what changed and why",
        "`/aicost forecast` – see where this month ends",
        f"`/aicost budget set {_POSTPAID} 500 monthly` – get alerts in this channel",
        "`/aicost alerts` – list open alerts; also `ack`, `snooze`, `history`",
        "`/aicost digest on 09:00 weekdays` – get a digest in this channel",
        "`/aicost export last month` – get a CSV file, for you alone",
        "`/aicost statement last month` – see what a month came to, to file it",
        "`/aicost status` – see how fresh the figures are and what needs fixing",
    ),
    "balance": (
        "`/aicost balance` – see every prepaid balance and how long it lasts",
        f"`/aicost balance {_PREPAID}` – see one provider or connection",
        (
            f"`/aicost balance set {_POSTPAID} 250 at 2026-11-01` – enter one the provider can't "
            "report"
        ),
        f"`/aicost balance add {_POSTPAID} 100` – add a purchase; `expires 2027-11-01` may follow",
        f"`/aicost balance forget {_POSTPAID}` – remove what was entered",
    ),
    "limits": (
        "`/aicost limits` – see every limit that a provider reports, and when it resets",
        f"`/aicost limits {_PREPAID}` – see those of one provider or connection",
    ),
    "why": (
        "`/aicost why` – compare this month with as many days before",
        f"`/aicost why {_POSTPAID} yesterday` – look at one provider and one day",
        "`/aicost why last week by project` – list the changes by model, project or key",
    ),
    "forecast": ("`/aicost forecast` – see where this month ends, and how sure that is",),
    "budget": (
        (
            f"`/aicost budget set {_POSTPAID} 500 monthly at 50,80,100` – get alerts at these "
            "percentages"
        ),
        "`/aicost budget set project search 40 daily in #search` – one project, another channel",
        f"`/aicost budget set {_PREPAID} left 20` – get an alert below $20",
        f"`/aicost budget set {_PREPAID} left 7d` – get an alert when it lasts less than 7 days",
        "`/aicost budget set all 900 weekly quiet` – post nothing when an alert is resolved",
        f"`/aicost budget list`, `/aicost budget remove {_POSTPAID}`",
    ),
    "alerts": (
        (
            f"`/aicost alerts list` – list open alerts; `{_POSTPAID}`, `snoozed` or `page 2` may "
            "follow"
        ),
        "`/aicost alerts ack`, `/aicost alerts snooze 24h`, `/aicost alerts history`",
        "`/aicost alerts spikes on` – get cost anomaly alerts in this channel; `off` ends them",
    ),
    "digest": (
        "`/aicost digest on 09:00 weekdays Europe/London` – without a time zone, yours is used",
        f"`/aicost digest on 09:00 weekly {_POSTPAID} short` – one provider, in few words",
        "`/aicost digest on 09:00 monthly` – get each month once its days have settled",
        "`/aicost digest on 09:00 daily when settled by 11:00` – wait for yesterday's figures",
        "`/aicost digest preview`, `/aicost digest list`, `/aicost digest off`",
    ),
    "export": ("`/aicost export last month` – get every charge as CSV, with FOCUS column names",),
    "statement": (
        "`/aicost statement october` – see balances, purchases, spend and corrections of a month",
        "`/aicost export statement october` – get it as CSV and Markdown files, for you alone",
        "`/aicost statement october invoice openai 512.30` – enter an invoice to compare it with",
        "`/aicost statement october invoice remove openai` – remove what was entered",
    ),
    "status": ("`/aicost status` – see how fresh each connection is and what needs fixing",),
}
_PERIODS = (
    "Periods (UTC days): today, yesterday, 7d, wtd, mtd, last week, last month, q3, ytd, 2026-10.",
    "Ranges: 15 nov, 2026-11-01..2026-11-15, since 2026-11-10. Compare with vs.",
    "Breakdowns: by model, project, key, user, provider, day, week or month.",
)


def help_message(asked: Help) -> Message:
    """Everything, or one subject."""
    topic = asked.topic
    lines = _LINES[topic]
    title = "What you can ask" if topic is None else f"Help: {topic}"
    buttons = [ask("This month", "mtd"), ask("Balance", "balance"), ask("Status", "status")]
    if topic is not None:
        buttons.append(ask("All help", "help"))
    blocks = [header(title), section("\n".join(lines)), context(_PERIODS)]
    return message_of(blocks, [actions(buttons)])


def refusal_message(result: ParseFailure | Incomplete | CommandRejected) -> Message:
    """Why there is no answer, and what to type instead."""
    if isinstance(result, CommandRejected):
        return rejected_message(result)
    if isinstance(result, Incomplete):
        return incomplete_message(result)
    return not_understood_message(result)


def incomplete_message(typed: Incomplete) -> Message:
    """What is missing, and the form that asks for it, filled with what was said."""
    examples = [f"`{escape(f'/aicost {each}')}`" for each in typed.examples]
    opens = button("Open the form", FORMS[typed.form], text_of(typed))
    blocks = [
        section(escape(clip(typed.message, 600))),
        context([f"For example: {listed(examples)}"]),
    ]
    return message_of(blocks, [actions([opens])])


def not_understood_message(failure: ParseFailure) -> Message:
    """What was not understood, the question that was obviously meant as a button, two examples."""
    said = escape(clip(failure.message, 600))
    examples = [f"`{escape(clip(f'/aicost {each}', 120))}`" for each in failure.examples]
    buttons = [ask("Help", "help")]
    if failure.suggestion:
        nearest = clip(f"/aicost {failure.suggestion}", 120)
        buttons.insert(0, ask(f"Ask {clip(failure.suggestion, 60)}", failure.suggestion))
        said += f"\nDid you mean `{escape(nearest)}`?"
    blocks = [section(said), context([f"For example: {listed(examples)}"])]
    return message_of(blocks, [actions(buttons)])


def file_words(ready: ExportReady) -> str:
    """Return the text that is posted with the file."""
    period = ready.query.period
    words = (
        f"{plural(ready.rows, 'charge')}, {window(period, period.end)}. FOCUS column names; "
        "amounts in US dollars. The sum of EffectiveCost is the spend shown in Slack. "
        "BilledCost is what is invoiced: nothing for use of prepaid credit, and the amount paid "
        "where credit was bought."
    )
    return " ".join([words, *_gap_words(ready)])


def export_sent_message(ready: ExportReady) -> Message:
    """Say that the requester has received the file."""
    words = (
        f"Sent to you directly: {escape(ready.name)}, {plural(ready.rows, 'charge')}. "
        "Only you can see it."
    )
    return text_message(" ".join([words, *_gap_words(ready)]))


def files_sent_message(ready: FilesReady) -> Message:
    """Say that the requester has received the files."""
    names = listed([escape(name) for name, _ in ready.files])
    return text_message(f"Sent to you directly: {names}. Only you can see them.")


def export_not_sent_message(
    ready: ExportReady | FilesReady, code: str, needed: str | None
) -> Message:
    """The file could not be sent: why, and how to have it all the same."""
    if needed:
        why = f"This app can't send files yet. An admin can grant the scope {escape(needed)}."
    else:
        why = f"Slack didn't accept the file ({escape(code)}). Try again in a minute."
    operator = f"The person who runs aicost can also run `{escape(ready.command)}`."
    return text_message(f"{why} {operator}")


def _gap_words(ready: ExportReady) -> Sequence[str]:
    """What the file lacks: its sum would pass for the whole."""
    return [f"Some days are missing. {escape(' '.join(ready.gaps))}"] if ready.gaps else []
