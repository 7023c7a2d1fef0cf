"""Help, refusals and messages about files: short answers without figures."""

from collections.abc import Mapping, Sequence

from bot.language.commands import CommandRejected, Form, Incomplete, ParseFailure
from bot.language.examples import EXAMPLES, Example, fill, help_on
from bot.language.text import text_of
from bot.reports.exports import ExportReady, FilesReady
from bot.reports.messages.suggestions import ask
from bot.reports.models import HelpAnswer
from bot.slack.blocks import (
    actions,
    bounded,
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
from bot.wording import MANAGERS_SEE_USERS, listed, plural, window
from providers.catalog import example
from providers.redaction import clip

FORMS: dict[Form, str] = {
    "budget": NEW_BUDGET,
    "low balance": NEW_LOW_BALANCE,
    "digest": DIGEST,
}
"""The action that opens each form."""

_NAMES = {"postpaid": example("postpaid"), "prepaid": example("prepaid")}
_PERIODS = (
    "Periods (UTC days): today, yesterday, 7d, wtd, mtd, last week, last month, q3, ytd, 2026-10.",
    "Ranges: 15 nov, 2026-11-01..2026-11-15, since 2026-11-10. Compare with vs.",
)
_BREAKDOWNS = "Breakdowns: by model, project, key, user, {}provider, day, week or month."


def help_message(answer: HelpAnswer) -> Message:
    """Return an overview, or one topic."""
    topic = answer.topic
    lines = [_line(each, answer.names) for each in help_on(topic, answer.names)]
    title = "What you can ask" if topic is None else f"Help: {topic}"
    buttons = [ask("This month", "mtd"), ask("Balance", "balance"), ask("Status", "status")]
    if topic is not None:
        buttons.append(ask("All help", "help"))
    breakdowns = _BREAKDOWNS.format("team, " if answer.has_teams else "")
    blocks = [header(title), section("\n".join(lines)), context([*_PERIODS, breakdowns])]
    return message_of(blocks, [actions(buttons)])


def own_costs_message(message: Message) -> Message:
    """Return the answer about the requester, given to a question about all users: with who may see
    those."""
    note = f"These are your own costs. {MANAGERS_SEE_USERS}"
    return _with_note(message, note, MANAGERS_SEE_USERS)


def some_users_message(message: Message, left_out: Sequence[str]) -> Message:
    """Return the answer about users, with the titles of the connections that are left out."""
    note = (
        f"Without {listed(left_out)}, where you see only some projects: what users cost isn't "
        "known by project."
    )
    return _with_note(message, escape(note), note)


def _with_note(message: Message, mrkdwn: str, text: str) -> Message:
    """Return the message with small print above its buttons, and `text` after its own."""
    at_end = [block for block in message.blocks if block["type"] == "actions"]
    before = [block for block in message.blocks if block["type"] != "actions"]
    return Message(f"{message.text} {text}", bounded([*before, context([mrkdwn])], at_end))


def commands() -> Sequence[tuple[str, str]]:
    """Return every example as it is typed, with its effect; those of the first help come first."""
    listed = sorted(EXAMPLES, key=lambda each: not each.is_first)
    return [(f"/aicost {_named(each.text)}".rstrip(), _named(each.does)) for each in listed]


def _line(example: Example, names: Mapping[str, str]) -> str:
    typed = f"/aicost {_named(example.text, names)}".rstrip()
    return f"`{typed}` – {_named(example.does, names)}"


def _named(template: str, names: Mapping[str, str] = _NAMES) -> str:
    return fill(template, {**_NAMES, **names})


def refusal_message(result: ParseFailure | Incomplete | CommandRejected) -> Message:
    """Return why there is no answer, and what to type instead."""
    if isinstance(result, CommandRejected):
        return rejected_message(result)
    if isinstance(result, Incomplete):
        return incomplete_message(result)
    return not_understood_message(result)


def incomplete_message(typed: Incomplete) -> Message:
    """Return what is missing, and a button to the form, filled with what was typed."""
    examples = [f"`{escape(f'/aicost {each}')}`" for each in typed.examples]
    opens = button("Open the form", FORMS[typed.form], text_of(typed))
    blocks = [
        section(escape(clip(typed.message, 600))),
        context([f"For example: {listed(examples)}"]),
    ]
    return message_of(blocks, [actions([opens])])


def not_understood_message(failure: ParseFailure) -> Message:
    """Return what was not understood, a button with the question that was obviously meant, and two
    examples."""
    said = escape(clip(failure.message, 600))
    examples = [f"`{escape(clip(f'/aicost {each}', 120))}`" for each in failure.examples]
    buttons = [ask("Help", "help")]
    if failure.change:
        lists = [failure.suggestion] if failure.suggestion else []
        buttons = [ask(f"Ask {clip(each, 60)}", each) for each in lists] + buttons
        return message_of([section(said)], [actions(buttons)])
    if failure.suggestion:
        nearest = clip(f"/aicost {failure.suggestion}", 120)
        buttons.insert(0, ask(f"Ask {clip(failure.suggestion, 60)}", failure.suggestion))
        said += f"\nDid you mean `{escape(nearest)}`?"
    if failure.readings:
        buttons = [ask(f"Ask {clip(each, 60)}", each) for each in failure.readings] + buttons
        return message_of([section(said)], [actions(buttons)])
    blocks = [section(said), context([f"For example: {listed(examples)}"])]
    return message_of(blocks, [actions(buttons)])


_COLUMN_WORDS = (
    "The sum of EffectiveCost is the spend shown in Slack; BilledCost is what is invoiced: "
    "0 for use of prepaid credit, and the amount paid, with its fee, where credit was bought."
)


def file_words(ready: ExportReady) -> str:
    """Return the text that is posted with the file."""
    period = ready.query.period
    words = (
        f"{plural(ready.rows, 'charge')}, {window(period, period.end)}. FOCUS column names; "
        f"amounts in US dollars. {_COLUMN_WORDS}"
    )
    return " ".join([words, *_gap_words(ready)])


def export_sent_message(ready: ExportReady) -> Message:
    """Say that the requester has received the file."""
    words = (
        f"Sent to you directly: {escape(ready.name)}, {plural(ready.rows, 'charge')}. "
        f"Only you can see it. {_COLUMN_WORDS}"
    )
    return text_message(" ".join([words, *_gap_words(ready)]))


def files_sent_message(ready: FilesReady) -> Message:
    """Say that the requester has received the files."""
    names = listed([escape(name) for name, _ in ready.files])
    return text_message(f"Sent to you directly: {names}. Only you can see them.")


def export_not_sent_message(
    ready: ExportReady | FilesReady, code: str, needed: str | None
) -> Message:
    """Return why the file could not be sent, and how to get it anyway."""
    if needed:
        why = f"This app can't send files yet. An admin can grant the scope {escape(needed)}."
    else:
        why = f"Slack didn't accept the file ({escape(code)}). Try again in a minute."
    operator = f"The person who runs aicost can also run `{escape(ready.command)}`."
    return text_message(f"{why} {operator}")


def _gap_words(ready: ExportReady) -> Sequence[str]:
    """Return what the file lacks: without that, its sum would look complete."""
    return [f"Some days are missing. {escape(' '.join(ready.gaps))}"] if ready.gaps else []
