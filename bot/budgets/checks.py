"""Reasons why a budget can't be set, changed or removed."""

from collections.abc import Sequence
from datetime import datetime
from typing import get_args

from bot.access.models import Requester, visibility_of_channel
from bot.access.repository import VisibilityRepository
from bot.budgets.models import Budget, LowBalanceRule
from bot.budgets.repository import RULE_HISTORY_DAYS
from bot.budgets.results import Deliverability
from bot.budgets.snapshot import ITEM_KINDS, is_named
from bot.db.models import Rule
from bot.db.session import Session
from bot.language.commands import CommandRejected
from bot.language.typos import unambiguous_match
from bot.ledger.charges import ChargeRepository
from bot.ledger.models import in_scope
from bot.ledger.repository import LedgerRepository
from bot.scope import Connections, EachKind, Scope, usual_scope
from bot.slack.message import NO_APPS, Channels
from bot.wording import chosen
from providers.period import DAY, Period, utc_day

NOT_THERE = (
    "Nothing was set. I can't see that channel: it was deleted, or it is private and I'm not in "
    "it. Invite me there with /invite @aicost, then try again."
)
ARCHIVED = "Nothing was set. That channel is archived: unarchive it or choose another one."


async def check_channel(channels: Channels, channel: str, requester: Requester) -> Deliverability:
    """Return whether the bot can post alerts in a channel, as Slack reports it now."""
    kind = requester.kind_of(channel)
    info = await channels.look(channel, requester.person.id)
    if info is None and kind != "group":
        return "unknown"
    if info is None or not info.is_there or (info.is_private and not info.is_member):
        no_apps = NO_APPS.get(kind)
        raise CommandRejected(
            f"Nothing was set. {no_apps}" if no_apps else NOT_THERE, about="channel"
        )
    if info.is_archived:
        raise CommandRejected(ARCHIVED, about="channel")
    return "sure" if info.is_member else "invite"


async def check_scope(
    session: Session, scope: Scope, target: Budget | LowBalanceRule, now: datetime
) -> None:
    """Raise `CommandRejected` if the scope doesn't allow this rule."""
    connections = await LedgerRepository(session).connections()
    chosen = in_scope(scope, connections)
    if not chosen:
        names = ", ".join(c.name for c in connections)
        raise CommandRejected(f"No connection is called “{scope.name}”. Connections: {names}.")
    if isinstance(target, LowBalanceRule) and not any(c.billing == "prepaid" for c in chosen):
        raise CommandRejected(
            f"{chosen[0].title} is postpaid, so it has no balance to watch. Set a budget instead."
        )
    if isinstance(target, Budget) and not any(c.reports_spend for c in chosen):
        example = f"budget set {chosen[0].name} left 20"
        raise CommandRejected(
            f"{chosen[0].title} reports its balance, but no spend, so a budget can't be checked. "
            "Set a low-balance alert instead.",
            (example,),
        )
    if scope.kind == "each":
        _check_each(session, scope)
    by = ITEM_KINDS.get(scope.kind)
    if by is None:
        return
    today = utc_day(now)
    known = await ChargeRepository(session).items(
        Period(today - DAY * RULE_HISTORY_DAYS, today + DAY), by
    )
    if not any(is_named(item, scope.name) for item in known):
        if scope.kind == "channel":
            raise CommandRejected(
                "No provider reported any spend for that channel in the last 10 weeks.",
                ("mtd by channel",),
            )
        names_of = sorted({item.name or item.item_id or "" for item in known} - {""})
        close = unambiguous_match(scope.name or "", names_of)
        hint = f" Did you mean “{close}”?" if close else ""
        raise CommandRejected(
            f"No {scope.kind} called “{scope.name}” had any spend in the last 10 weeks.{hint}",
            (f"mtd by {by}",),
        )


async def check_channel_sees(session: Session, scope: Scope, channel: str) -> None:
    """Raise `CommandRejected` if a budget for each person, team or project would name some that
    the channel may not see."""
    if scope.kind != "each":
        return
    limits = await VisibilityRepository(session).rules()
    if not visibility_of_channel(channel, limits).sees_named(scope, session.names()):
        raise CommandRejected(
            f"Nothing was set. This budget names every {scope.name}, and the channel of its alerts "
            "doesn't see everything. Choose another channel.",
            about="channel",
        )


def _check_each(session: Session, scope: Scope) -> None:
    configured = {"person": session.person_costs.names, "team": session.teams.names}
    if scope.name not in get_args(EachKind):
        raise CommandRejected("A budget can be for each person, team or project.")
    if not configured.get(scope.name or "", ("any",)):
        raise CommandRejected(
            f"No {scope.name} is set up here. The person who runs aicost can add them to "
            f"aicost.toml, as [[{scope.name}]]."
        )


def is_same_budget(
    rule: Rule,
    scope: Scope,
    target: Budget | LowBalanceRule,
    channel: str,
    connections: Connections,
) -> bool:
    """Return True if the command means this rule: the same channel, scope and period, or the same
    unit for a low-balance rule."""
    wanted, there = (usual_scope(each, connections) for each in (scope, rule.scope))
    if rule.channel != channel or not there.is_same_as(wanted):
        return False
    held = rule.target
    if isinstance(held, Budget) and isinstance(target, Budget):
        return held.period == target.period
    if isinstance(held, LowBalanceRule) and isinstance(target, LowBalanceRule):
        return (held.days is None) == (target.days is None)
    return False


def get_unchanged_rule(rules: Sequence[Rule], number: int, version: int | None = None) -> Rule:
    """Return the rule with that number, if it exists and has not changed since `version`. Raises
    `CommandRejected`."""
    rule = next((each for each in rules if each.id == number), None)
    if rule is None:
        raise CommandRejected("This budget was removed in the meantime.", ("budget list",))
    if version not in (None, rule.version):
        now = f": it is {chosen(rule.target.amount)} now" if isinstance(rule.target, Budget) else ""
        raise CommandRejected(
            f"This budget was changed in the meantime{now}. Close this form and open it again."
        )
    return rule


def find_rule(reference: str, rules: Sequence[Rule], channel: str) -> Rule:
    """Return the one rule that a number or the name of a scope refers to. Rules of this channel
    come first. Raises `CommandRejected`."""
    wanted = reference.strip().lstrip("#").casefold()
    if wanted.isdigit():
        found = [rule for rule in rules if rule.id == int(wanted)]
    else:
        found = [rule for rule in rules if wanted in _scope_names(rule.scope)]
        here = [rule for rule in found if rule.channel == channel]
        found = here or found
    if len(found) == 1:
        return found[0]
    if not found:
        raise CommandRejected(f"There is no budget “{reference}”.", ("budget list",))
    numbers = ", ".join(str(rule.id) for rule in found)
    raise CommandRejected(
        f"“{reference}” matches several budgets ({numbers}). Give the number.",
        ("budget list",),
    )


def _scope_names(scope: Scope) -> tuple[str, str]:
    name = (scope.name or "all").casefold()
    return name, f"{scope.kind} {name}"
