"""Answers about digests: set, listed, previewed, paused, resumed, turned off."""

from bot.budgets.messages.budget_words import scope_words
from bot.db.models import DigestPlan, DigestTerms
from bot.digests.messages.digest import PAUSE, digest_message
from bot.digests.results import (
    DigestAnswer,
    DigestAwaitsYes,
    DigestListing,
    DigestPaused,
    DigestPreviewed,
    DigestRemoved,
    DigestResumed,
    DigestSet,
)
from bot.language.commands import CommandRejected
from bot.reports.messages.suggestions import ask, page_of
from bot.schedule import EVERY_DAY, WEEKDAYS
from bot.slack.blocks import (
    Element,
    actions,
    bounded,
    button,
    context,
    header,
    moment,
    paragraphs,
    section,
    text_message,
)
from bot.slack.errors import rejected_message
from bot.slack.message import FIXES, Block, Message
from bot.slack.openers import RESUME
from bot.wording import listed, plural
from providers.period import DAY_NAMES

ALLOW = "aicost.digest.allow"
LISTED = 12


def render(result: DigestAnswer | CommandRejected) -> Message:
    """The message that says what came of a command or press."""
    match result:
        case DigestSet():
            return digest_set_message(result)
        case DigestAwaitsYes():
            return digest_awaits_message(result)
        case DigestRemoved():
            return digest_removed_message(result)
        case DigestListing():
            return digest_listing_message(result)
        case DigestPreviewed():
            return digest_preview_message(result)
        case DigestPaused():
            return digest_paused_message(result)
        case DigestResumed():
            return digest_resumed_message(result)
        case CommandRejected():
            return rejected_message(result)


def digest_set_message(answer: DigestSet) -> Message:
    """A digest was made or changed, and when it comes first."""
    plan = answer.plan
    where = "here" if answer.is_here else f"in <#{plan.channel}>"
    verb = "On" if answer.before is None else "Changed"
    lines = [f"{verb}: *{terms_words(plan.terms)}*, {where} (digest {plan.id}). {_next(plan)}"]
    if not answer.is_changed:
        on = f"*{terms_words(plan.terms)}* is already on {where} (digest {plan.id})"
        lines = [f"Nothing changed: {on}. {_next(plan)}"]
    if answer.before is not None and answer.before != plan.terms:
        lines.append(f"Before, it was {terms_words(answer.before)}.")
    if answer.needs_invitation:
        lines.append(
            "I am not in this channel yet: invite me with /invite @aicost, or it can't be posted."
        )
    return _said(lines, [_preview(plan), _pause(plan), _off(plan), _others()])


def digest_awaits_message(answer: DigestAwaitsYes) -> Message:
    """Kept, and posting nothing until a manager says yes."""
    plan = answer.plan
    why = (
        "People outside this workspace read this channel"
        if answer.is_known
        else "Slack does not tell me whether people outside this workspace read this channel "
        "(scopes channels:read and groups:read)"
    )
    lines = [
        f"Kept, but not on yet: *{terms_words(plan.terms)}* (digest {plan.id}).",
        f"{why}, so a manager has to allow the figures here first.",
    ]
    if answer.may_allow:
        return _said(lines, [_allow(plan), _preview(plan), _off(plan)])
    lines.append("A manager finds the button under `/aicost digest list` in this channel.")
    return _said(lines, [_preview(plan), _off(plan)])


def digest_removed_message(answer: DigestRemoved) -> Message:
    """A digest comes no more."""
    lines = [f"Off: *{terms_words(answer.plan.terms)}* (digest {answer.plan.id})."]
    return _said(lines, [_others()])


def digest_paused_message(answer: DigestPaused) -> Message:
    """It rests."""
    verb = "Paused already" if answer.was_already else "Paused"
    lines = [f"{verb}: *{terms_words(answer.plan.terms)}* (digest {answer.plan.id})."]
    return _said(lines, [_resume(answer.plan), _off(answer.plan)])


def digest_resumed_message(answer: DigestResumed) -> Message:
    """It comes again."""
    plan = answer.plan
    verb = "On already" if answer.was_already else "On again"
    return _said(
        [f"{verb}: *{terms_words(plan.terms)}* (digest {plan.id}). {_next(plan)}"],
        [_preview(plan), _pause(plan)],
    )


def digest_listing_message(answer: DigestListing) -> Message:
    """A channel's digests, each with its buttons."""
    elsewhere = (
        f"Other channels have {plural(answer.elsewhere, 'digest')}." if answer.elsewhere else ""
    )
    if not answer.plans:
        words = (
            "This channel has no digest. Say `/aicost digest on 09:00 weekdays` for one; "
            f"the time zone is yours unless you name another. {elsewhere}"
        ).rstrip()
        buttons = [
            ask("On at 09:00 on weekdays", "digest on 09:00 weekdays"),
            ask("Preview", "digest preview"),
        ]
        return text_message(words, *buttons)
    blocks: list[Block] = [header("This channel's digests")]
    said = []
    page = page_of(answer.plans, answer.page, LISTED, lambda number: f"digest list {number}")
    for plan in page.shown:
        words = (
            f"*{terms_words(plan.terms)}* (digest {plan.id})\n{_next(plan)} "
            f"Set by <@{plan.made_by}> {moment(plan.made_at)}."
        )
        if plan.changed_by not in (plan.made_by, "aicost") and not plan.paused_because:
            words += f" Changed by <@{plan.changed_by}> {moment(plan.changed_at)}."
        blocks += [section(words), actions(_row(plan, may_allow=answer.may_allow))]
        said.append(f"Digest {plan.id}: {terms_words(plan.terms)}. {_next(plan)}")
    notes = [*page.notes, *([elsewhere] if elsewhere else [])]
    if notes:
        blocks.append(context(notes))
    if page.buttons:
        blocks.append(actions(page.buttons))
    return Message(" ".join([*said, *page.notes]), bounded(blocks))


def digest_preview_message(answer: DigestPreviewed) -> Message:
    """The real message, and a line that says that it is a preview."""
    message = digest_message(answer.digest)
    if answer.plan is None:
        words = "This is what a digest here would say now. None is set."
        more: list[Element] = [ask("On at 09:00 on weekdays", "digest on 09:00 weekdays")]
    else:
        words = f"Preview of digest {answer.plan.id}, as it would be now. {_next(answer.plan)}"
        more = []
    blocks: list[Block] = [context([words]), *message.blocks]
    if more:
        blocks.append(actions(more))
    return Message(f"{words} {message.text}", bounded(blocks))


def terms_words(terms: DigestTerms) -> str:
    """``daily digest of OpenAI at 09:00 on Mon to Fri, Europe/London`` in mrkdwn."""
    at = terms.schedule.at.strftime("%H:%M")
    words = f"{terms.cadence} digest of {scope_words(terms.scope)}"
    if terms.depth == "short":
        words = f"short {words}"
    if terms.cadence == "monthly":
        words += f" at {at} on the first day after a month has settled"
    else:
        words += f" at {at} {_days(terms.schedule.days)}"
    words += f", {terms.schedule.zone}"
    if terms.settled_by is not None:
        words += f", once the day's figures have settled, at {terms.settled_by:%H:%M} at the latest"
    return words


def _days(days: frozenset[int]) -> str:
    if days == EVERY_DAY:
        return "every day"
    if days == WEEKDAYS:
        return "from Monday to Friday"
    return "on " + listed([DAY_NAMES[day][:3] for day in sorted(days)])


def _next(plan: DigestPlan) -> str:
    if plan.pending is not None:
        return f"Next: {moment(plan.pending.due_at)}."
    reason = plan.paused_because
    if reason == "person":
        return f"Paused by <@{plan.changed_by}> {moment(plan.changed_at)}."
    fixes: dict[str, str] = dict(FIXES.items())
    return f"Paused: {fixes.get(reason or '', 'it could not be posted.')}"


def _row(plan: DigestPlan, *, may_allow: bool) -> list[Element]:
    if plan.next_due_at is not None:
        return [_preview(plan), _pause(plan), _off(plan)]
    if plan.paused_because == "shared_outside" and not plan.is_sharing_allowed:
        return [*([_allow(plan)] if may_allow else []), _preview(plan), _off(plan)]
    return [_resume(plan), _preview(plan), _off(plan)]


def _allow(plan: DigestPlan) -> Element:
    return button(
        "Allow it here",
        ALLOW,
        str(plan.id),
        style="primary",
        spoken=f"Allow digest {plan.id} where people outside read it",
    )


def _preview(plan: DigestPlan) -> Element:
    return ask("Preview", f"digest preview {plan.id}")


def _off(plan: DigestPlan) -> Element:
    return ask("Turn off", f"digest off {plan.id}")


def _others() -> Element:
    return ask("This channel's digests", "digest list")


def _pause(plan: DigestPlan) -> Element:
    return button("Pause", PAUSE, str(plan.id), spoken=f"Pause digest {plan.id}")


def _resume(plan: DigestPlan) -> Element:
    return button(
        "Resume", RESUME, str(plan.id), style="primary", spoken=f"Resume digest {plan.id}"
    )


def _said(lines: list[str], buttons: list[Element]) -> Message:
    text = " ".join(lines).replace("*", "").replace("`", "")
    return Message(text, (*paragraphs(lines), actions(buttons)))


def digest_line(plan: DigestPlan) -> str:
    """``*#ai-costs*: daily digest of OpenAI at 09:00 …``, and when it comes next; in mrkdwn."""
    words = f"*<#{plan.channel}>*: {terms_words(plan.terms)} (#{plan.id})"
    if plan.pending is not None:
        return f"{words}\nNext: {moment(plan.pending.due_at)}"
    fixes: dict[str, str] = dict(FIXES.items())
    why = fixes.get(plan.paused_because or "", "somebody paused it.")
    return f"{words}\nPaused: {why}"
