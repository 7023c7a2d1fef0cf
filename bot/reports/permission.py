"""What a person may ask about users, teams and themselves."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.access.models import Requester, VisibilityScope
from bot.db.database import Database
from bot.language.commands import CommandRejected, Compare, Help, Incomplete, Query, Spend
from bot.ledger.models import ConfiguredConnection
from bot.scope import Scope
from bot.wording import MANAGERS_SEE_USERS, listed

NOTHING_SEEN = (
    "You can't see any figures here. A manager limited what this channel or your user group sees."
)
GROUPS_UNKNOWN = (
    "You can't see any figures: some user groups are limited, and this app can't read who is in "
    "them. An admin can grant the scope usergroups:read."
)
USERS_OFF = CommandRejected(
    "Costs by user are turned off here. The person who runs aicost can turn them on.",
    ("mtd by model", "mtd by key"),
)
USERS_HIDDEN = CommandRejected(
    "Costs by user aren't shown in a channel that sees less. Ask in a direct message to this app.",
    ("mtd by model", "mtd by project"),
)
CHANNELS_HIDDEN = CommandRejected(
    "Other channels' spend is only shown to people and channels that may see everything.",
    ("here", "mtd by project"),
)
NO_CHANNELS = CommandRejected(
    "No connected provider reports spend by channel of Slack.", ("mtd by project", "mtd by model")
)
NOT_IN_A_CHANNEL = CommandRejected(
    "“here” means the channel that you ask in. Ask there, or ask for all channels.",
    ("mtd by channel", "mtd"),
)
NO_TEAMS_HERE = CommandRejected(
    "No teams are set up here. The person who runs aicost can add them to aicost.toml.",
    ("mtd by project", "mtd by key"),
)
ONLY_IN_SLACK = CommandRejected("“me” works in Slack only.", ("mtd by user", "mtd by model"))


def permitted(
    typed: Query,
    requester: Requester,
    database: Database,
    *,
    has_users: bool,
    has_channels: bool = False,
) -> Query:
    """Return what was asked; “me” is the requester then, and “here” their channel. “By user” is the
    requester too, unless they are a manager or a lead. Raises `CommandRejected` for what they may
    not ask here, or nobody can."""
    if asks_about(typed, "user"):
        if not has_users:
            raise USERS_OFF
        typed = _by_user(typed, requester, database)
    if asks_about(typed, "channel") or _is_channel(getattr(typed, "scope", None)):
        if not has_channels:
            raise NO_CHANNELS
        typed = _about_channel(typed, requester)
    if not database.teams.names and asks_about(typed, "team"):
        raise NO_TEAMS_HERE
    if asks_about(typed, "person"):  # everyone may see themselves
        return _about_requester(typed, requester.person.id, database)
    if getattr(getattr(typed, "about", None), "kind", None) == "channel":
        return typed
    if not isinstance(typed, Help) and _sees_nothing(requester, database):
        unknown = requester.person.unknown_groups
        raise CommandRejected(GROUPS_UNKNOWN if unknown else NOTHING_SEEN)
    return typed


def with_known_users(
    typed: Query, requester: Requester, database: Database
) -> tuple[Requester, Sequence[str]]:
    """Return the requester as they see costs by user, and the titles of the connections that are
    left out of this question: those of which they see only some projects."""
    seen = requester.visibility
    narrowed = seen.only_whole([each.name for each in database.configured])
    return replace(requester, visibility=narrowed), _seen_in_part(typed, seen, database)


def is_personal(query: Query) -> bool:
    """Return True if only the requester may read the answer: it is about them, or names people."""
    return asks_about(query, "person") or asks_about(query, "user")


def asks_about(typed: Query, kind: str) -> bool:
    """Return True if a question is about one item of that kind, or lists them."""
    sides = _sides(typed)
    abouts = [getattr(each, "about", None) for each in sides]
    is_one = any(isinstance(about, Scope) and about.kind == kind for about in abouts)
    return is_one or getattr(sides[0], "by", None) == kind


def _by_user(typed: Query, requester: Requester, database: Database) -> Query:
    """Return the question of a manager or a lead as it is. Everyone else sees themselves alone."""
    seen = requester.visibility
    if seen.people is None:
        if not seen.is_everything:
            raise USERS_HIDDEN
        return typed
    if seen.is_lead and not _sees_nothing(requester, database):
        _check_users_are_known(typed, seen, database)
        return typed
    who = requester.person.id
    if who not in database.person_costs.names:
        raise CommandRejected(f"{MANAGERS_SEE_USERS} {_unknown_person(who)}")
    if isinstance(typed, Compare):
        return replace(typed, first=_of_person(typed.first), second=_of_person(typed.second))
    return _of_person(typed) if isinstance(typed, Spend) else typed


def _check_users_are_known(typed: Query, seen: VisibilityScope, database: Database) -> None:
    """Raise `CommandRejected` if a side of the question is only about connections of which some
    projects are visible."""
    for side in _sides(typed):
        in_part = _seen_in_part(side, seen, database)
        asked = [each for each in database.configured if _is_about(side, each)]
        if in_part and not any(seen.sees_all([each.name]) for each in asked):
            raise CommandRejected(
                f"You see only some projects of {listed(in_part)}, and what users cost isn't known "
                "by project. You can ask for your own costs.",
                ("me", "mtd by project"),
            )


def _seen_in_part(typed: object, seen: VisibilityScope, database: Database) -> Sequence[str]:
    """Return the titles of the connections that the question is about and of which only some
    projects are visible."""
    return [
        each.title
        for each in database.configured
        if any(_is_about(side, each) for side in _sides(typed))
        and seen.sees(each.name)
        and not seen.sees_all([each.name])
    ]


def _is_about(side: object, connection: ConfiguredConnection) -> bool:
    scope = getattr(side, "scope", None)
    return scope is None or scope.draws_on(connection.name, connection.provider)


def _sides(typed: object) -> Sequence[object]:
    return (typed.first, typed.second) if isinstance(typed, Compare) else (typed,)


def _of_person(side: Spend) -> Spend:
    """Return the question about the requester alone. One about a project or a model can't be split
    by user, which the answer says."""
    if side.about is not None and side.about.kind != "person":
        return side
    return replace(side, by="provider", top=None, about=Scope("person"))


def _about_requester(typed: Query, who: str, database: Database) -> Query:
    if not who:
        raise ONLY_IN_SLACK
    if who not in database.person_costs.names:
        raise CommandRejected(_unknown_person(who))
    if not isinstance(typed, Compare):
        query: Query = _with_person(typed, who)
        return query
    first, second = (_with_person(side, who) for side in (typed.first, typed.second))
    return replace(typed, first=first, second=second)


def _unknown_person(who: str) -> str:
    return (
        "aicost doesn't know which users of the providers you are. The person who runs aicost "
        f"can add you to aicost.toml. Your ID in Slack is {who}."
    )


def _about_channel(typed: Query, requester: Requester) -> Query:
    """Return the question with the channel's id. Everyone in a channel may ask about that one."""
    if getattr(typed, "by", None) == "channel" and not requester.visibility.is_everything:
        raise CHANNELS_HIDDEN
    if isinstance(typed, Compare):
        first, second = (in_channel(side, requester) for side in (typed.first, typed.second))
        return replace(typed, first=first, second=second)
    asked: Query = in_channel(typed, requester)
    return asked


def in_channel(side: Any, requester: Requester) -> Any:
    """Return a command or a form with the channel's id for “here”. Raises `CommandRejected`."""
    where = "about" if _is_channel(getattr(side, "about", None)) else "scope"
    about = getattr(side, where, None)
    if not isinstance(about, Scope) or about.kind != "channel":
        return side
    if about.name is None:
        if not requester.channel or requester.kind == "direct":
            raise NOT_IN_A_CHANNEL
        found = replace(side, **{where: Scope("channel", requester.channel)})
        form = getattr(found, "form", None)  # of a digest, where the channel already has one
        is_form = isinstance(form, Incomplete)
        return replace(found, form=in_channel(form, requester)) if is_form else found
    if about.name != requester.channel and not requester.visibility.is_everything:
        raise CHANNELS_HIDDEN
    return side


def _is_channel(scope: object) -> bool:
    return isinstance(scope, Scope) and scope.kind == "channel"


def _with_person(side: Any, who: str) -> Any:
    about = getattr(side, "about", None)
    is_person = isinstance(about, Scope) and about.kind == "person"
    return replace(side, about=Scope("person", who)) if is_person else side


def _sees_nothing(requester: Requester, database: Database) -> bool:
    seen = requester.visibility
    return not (seen.is_everything or any(seen.sees(each.name) for each in database.configured))
