"""Answers about digests: created, listed, previewed, paused, resumed, turned off."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.access.managed import CONFIG_FILE, MANAGED
from bot.access.models import conversation_kind
from bot.budgets.messages.budget_words import scope_words
from bot.db.models import DigestSettings, DigestSlot, DigestSubscription, SlotOutcome
from bot.digests.messages.digest import PAUSE, digest_message
from bot.digests.models import (
    PAUSED_BY_PERSON,
    DigestAnswer,
    DigestAwaitsManager,
    DigestChanged,
    DigestListing,
    DigestPreviewed,
)
from bot.reports.messages.suggestions import ask, page_of
from bot.schedule import EVERY_DAY, WEEKDAYS
from bot.slack.blocks import (
    Element,
    actions,
    bounded,
    button,
    context,
    header,
    message_of,
    moment,
    paragraphs,
    place,
    section,
    text_message,
)
from bot.slack.message import FIXES, Block, Message
from bot.slack.openers import RESUME, change_digest
from bot.wording import capitalized, day, listed, plural
from providers.period import DAY_NAMES

ALLOW = "aicost.digest.allow"
DIGESTS_LISTED = 12
NOT_POSTED: dict[SlotOutcome, str] = {
    "too_late": "aicost wasn't running then",
    "undelivered": "Slack didn't take it, see `/aicost status`",
    "no_posts": "posts were left out after a restore",
}
STATES = {"on": "is on", "off": "is off", "paused": "is paused", "resumed": "is on again"}


def render(result: DigestAnswer) -> Message:
    """Return the message with the result of a command or press."""
    match result:
        case DigestChanged():
            return digest_changed_message(result)
        case DigestAwaitsManager():
            return digest_awaits_message(result)
        case DigestListing():
            return digest_listing_message(result)
        case DigestPreviewed():
            return digest_preview_message(result)


def digest_changed_message(answer: DigestChanged) -> Message:
    """Return what changed, and when the digest is posted next: ``Digest 1 is on: all providers,
    …``."""
    plan, state = answer.plan, f"Digest {answer.plan.id} {STATES[answer.state]}"
    if answer.was_already:
        is_now = "paused" if answer.state == "paused" else "on"
        state = f"Nothing changed: digest {plan.id} is already {is_now}"
    elif answer.before is not None:
        state = f"Digest {plan.id} is changed"
    first = f"{state}: {settings_text(plan.settings)}, {_where(plan)}."
    lines = [f"{first} {_next(plan)}" if answer.state in ("on", "resumed") else first]
    if answer.before is not None and answer.before != plan.settings:
        lines.append(f"Before: {settings_text(answer.before)}.")
    if answer.needs_invitation:
        lines.append("aicost is not in this channel yet. Invite it with /invite @aicost.")
    buttons = {
        "on": [_preview(plan), _pause(plan), _off(plan), _others()],
        "off": [_others()],
        "paused": [_resume(plan), _off(plan)],
        "resumed": [_preview(plan), _pause(plan)],
    }
    return message_of([*paragraphs(lines), actions(buttons[answer.state])])


def digest_awaits_message(answer: DigestAwaitsManager) -> Message:
    """Return that the digest is saved, and waits until a manager allows it."""
    plan = answer.plan
    why = (
        "People outside this workspace read this channel."
        if answer.is_known
        else "Slack doesn't say whether people outside this workspace read this channel."
    )
    what = f"{settings_text(plan.settings)}, {_where(plan)}"
    lines = [
        f"Digest {plan.id} is saved, but not on yet: {what}.",
        f"{why} A manager has to allow the digest here first.",
    ]
    if answer.may_allow:
        return message_of([*paragraphs(lines), actions([_allow(plan), _preview(plan), _off(plan)])])
    lines.append("A manager finds the button under `/aicost digest list` in this channel.")
    return message_of([*paragraphs(lines), actions([_preview(plan), _off(plan)])])


def digest_listing_message(answer: DigestListing) -> Message:
    """Return a channel's digests, each with its buttons."""
    elsewhere = (
        f"Other channels have {plural(answer.elsewhere, 'digest')}." if answer.elsewhere else ""
    )
    if answer.is_everywhere and answer.may_allow:
        return _all_channels(answer)
    if answer.is_everywhere and elsewhere:
        elsewhere += " Managers can list them."
    if not answer.plans:
        words = (
            "This channel has no digest. Turn one on with `/aicost digest on 09:00 weekdays`; "
            f"times are in your time zone unless you name another. {elsewhere}"
        ).rstrip()
        return text_message(words, _on_by_rule(), ask("Preview", "digest preview"))
    page = page_of(
        answer.plans, answer.page, DIGESTS_LISTED, lambda number: f"digest list {number}"
    )
    blocks: list[Block] = [header(f"{plural(len(answer.plans), 'digest')} in this channel")]
    for plan in page.shown:
        words = f"*Digest {plan.id}*: {settings_text(plan.settings)}\n{_next(plan)}"
        words += _not_posted(plan, answer.missed.get(plan.id, ()))
        words += f" {_set_by(plan)}"
        blocks += [section(words), actions(_row(plan, may_allow=answer.may_allow))]
    notes = [*page.notes, *([elsewhere] if elsewhere else [])]
    blocks += [context(notes)] if notes else []
    blocks += [actions(page.buttons)] if page.buttons else []
    return message_of(blocks)


def _all_channels(answer: DigestListing) -> Message:
    """Return the digests of all channels, each with the button for its settings."""
    if not answer.plans:
        return text_message("No channel has a digest.", _on_by_rule())
    page = page_of(
        answer.plans,
        answer.page,
        DIGESTS_LISTED,
        lambda number: f"digest list all channels page {number}",
    )
    blocks: list[Block] = [header(f"{plural(len(answer.plans), 'digest')} in all channels")]
    for plan in page.shown:
        words = digest_line(plan) + _not_posted(plan, answer.missed.get(plan.id, ()))
        blocks.append(section(words, accessory=change_button(plan)))
    blocks += [context(page.notes)] if page.notes else []
    blocks += [actions(page.buttons)] if page.buttons else []
    return message_of(blocks)


def _set_by(plan: DigestSubscription) -> str:
    if plan.is_managed:
        return f"{MANAGED.capitalize()}."
    words = f"Set by <@{plan.made_by}> {moment(plan.made_at)}."
    if plan.changed_by not in (plan.made_by, "aicost") and not plan.paused_because:
        words += f" Changed by <@{plan.changed_by}> {moment(plan.changed_at)}."
    return words


def digest_preview_message(answer: DigestPreviewed) -> Message:
    """Return the real message, marked as a preview."""
    message = digest_message(answer.digest)
    if answer.plan is None:
        words = "Preview of a daily digest in this channel. None is set up yet."
        more = [actions([_on_by_rule()])]
    else:
        words, more = f"Preview of digest {answer.plan.id}. {_next(answer.plan)}", []
    first, *rest = message.blocks  # the figure first, as a notification shows it
    return Message(message.text, bounded([first, context([words]), *rest, *more]))


def _on_by_rule() -> Element:
    return ask("Turn on at 09:00 on weekdays", "digest on 09:00 weekdays")


def settings_text(settings: DigestSettings) -> str:
    """Return ``OpenAI, at 09:00 Europe/London on weekdays``, in mrkdwn."""
    at = f"at {settings.schedule.at:%H:%M} {settings.schedule.zone}"
    if settings.cadence == "monthly":
        when = f"monthly {at}, on the first day after a month has settled"
    elif settings.cadence == "weekly":
        when = f"weekly {at} {_days(settings.schedule.days)}"
    else:
        is_each_day = settings.schedule.days == EVERY_DAY
        when = f"daily {at}" if is_each_day else f"{at} {_days(settings.schedule.days)}"
    words = f"{scope_words(settings.scope)}, {when}"
    if settings.depth == "short":
        words += ", short"
    if settings.settled_by is not None:
        words += f", once the day has settled, by {settings.settled_by:%H:%M} at the latest"
    return words


def _where(plan: DigestSubscription) -> str:
    is_direct = conversation_kind(plan.channel) == "direct"
    return "to you directly" if is_direct else f"in {place(plan.channel)}"


def _days(days: frozenset[int]) -> str:
    if days == EVERY_DAY:
        return "every day"
    if days == WEEKDAYS:
        return "on weekdays"
    return "on " + listed([DAY_NAMES[day][:3] for day in sorted(days)])


def _local(at: datetime, zone: str) -> str:
    """``Mon 23 Nov, 09:00 Europe/London``."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{DAY_NAMES[local.weekday()][:3]} {day(local.date())}, {local:%H:%M} {zone}"


def _next(plan: DigestSubscription) -> str:
    """Return when it is posted next, in its own time zone, or why it is paused."""
    if plan.pending is not None:
        return f"Next: {_local(plan.pending.due_at, plan.zone)}."
    if plan.paused_because == PAUSED_BY_PERSON:
        if plan.changed_by == CONFIG_FILE:
            return f"Paused in {CONFIG_FILE}."
        return f"Paused by <@{plan.changed_by}> {moment(plan.changed_at)}."
    fixes: dict[str, str] = dict(FIXES.items())
    return f"Paused: {fixes.get(plan.paused_because or '', 'it could not be posted.')}"


def _not_posted(plan: DigestSubscription, missed: Sequence[DigestSlot]) -> str:
    """`` Not posted on Mon 23 Nov, 09:00 Europe/London: aicost wasn't running then.``"""
    if not missed:
        return ""
    last = missed[0]
    often = f"{plural(len(missed), 'time')} in the last 7 days, last" if missed[1:] else "on"
    return f" Not posted {often} {_local(last.due_at, plan.zone)}: {NOT_POSTED[last.outcome]}."


def _row(plan: DigestSubscription, *, may_allow: bool) -> list[Element]:
    if plan.is_managed:
        return [*([_resume(plan)] if _can_resume(plan) else []), _preview(plan)]
    if plan.next_due_at is not None:
        return [_preview(plan), _pause(plan), _off(plan)]
    if plan.paused_because == "shared_outside" and not plan.is_sharing_allowed:
        return [*([_allow(plan)] if may_allow else []), _preview(plan), _off(plan)]
    return [_resume(plan), _preview(plan), _off(plan)]


def _can_resume(plan: DigestSubscription) -> bool:
    """Whether a managed digest was paused by what happened in Slack, and not by the file."""
    return plan.paused_because not in (None, PAUSED_BY_PERSON, "shared_outside")


def _allow(plan: DigestSubscription) -> Element:
    return button(
        "Allow it here",
        ALLOW,
        str(plan.id),
        style="primary",
        spoken=f"Allow digest {plan.id} where people outside read it",
    )


def _preview(plan: DigestSubscription) -> Element:
    return ask("Preview", f"digest preview {plan.id}")


def _off(plan: DigestSubscription) -> Element:
    return ask("Turn off", f"digest off {plan.id}")


def _others() -> Element:
    return ask("This channel's digests", "digest list")


def _pause(plan: DigestSubscription) -> Element:
    return button("Pause", PAUSE, str(plan.id), spoken=f"Pause digest {plan.id}")


def _resume(plan: DigestSubscription) -> Element:
    return button(
        "Resume", RESUME, str(plan.id), style="primary", spoken=f"Resume digest {plan.id}"
    )


def digest_line(plan: DigestSubscription) -> str:
    """Return ``*#ai-costs*: OpenAI, at 09:00 …`` and when it is posted next, in mrkdwn."""
    mark = f" ({MANAGED})" if plan.is_managed else ""
    settings = f"{settings_text(plan.settings)}{mark}"
    return f"*{capitalized(place(plan.channel))}*: {settings}\n{_next(plan)}"


def change_button(plan: DigestSubscription) -> Element | None:
    """Return the button that opens the digest's modal; None where the file manages it."""
    return None if plan.is_managed else change_digest(plan.id)
