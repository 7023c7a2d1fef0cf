"""The workspace as one person sees it, as JSON for the page."""

from collections.abc import Mapping, Sequence
from typing import Any

from simulators.demo.events import EVENTS
from simulators.demo.page.tour import TOUR, evidence
from simulators.demo.stage import Stage
from simulators.slack.office import ADMIN, COLLEAGUE, GUEST, MANAGER, MEMBER, STRANGER
from simulators.slack.things import Channel, Message, Person, View
from simulators.world.openai_team import ORGANIZATION_NAME

Json = dict[str, Any]
PEOPLE = {
    MANAGER: "manager",
    ADMIN: "workspace admin",
    MEMBER: "member",
    COLLEAGUE: "member",
    GUEST: "guest",
    STRANGER: "from another workspace",
}
"""The people that a visitor can be, with their roles."""
SHORTCUTS = (
    ("Ask about AI costs", "aicost_ask", "global"),
    ("Answer with AI costs", "aicost_ask_here", "message"),
)
"""As in the app's manifest: name, callback_id, and place."""


def picture(stage: Stage, person: Person) -> Json:
    """Return everything that a page needs at first."""
    return {
        "me": person.id,
        "team": ORGANIZATION_NAME,
        "app": stage.office.app.bot_user,
        "people": people(stage),
        "channels": channels(stage, person),
        "messages": [
            message_json(message)
            for channel in _places(stage, person)
            for message in channel.seen_by(person.id)
        ],
        "home": view_json(person.home),
        "modal": view_json(person.modal),
        "commands": [{"words": words, "hint": hint} for words, hint in stage.commands],
        "shortcuts": [
            {"title": title, "name": name, "kind": kind} for title, name, kind in SHORTCUTS
        ],
        **surroundings(stage),
    }


def surroundings(stage: Stage) -> Json:
    """Return what is shown next to the workspace: the clock, the events, the tour."""
    return {
        "now": stage.clock().isoformat(),
        "playing": stage.is_playing,
        "events": [
            {
                "name": name,
                "title": event.title,
                "says": event.says,
                "end": event.end_title if name in stage.lasting else "",
            }
            for name, event in EVENTS.items()
        ],
        "happened": [
            {"at": one.at.isoformat(), "words": one.words} for one in stage.happened[-30:]
        ],
        "tour": [
            {
                "title": stop.title,
                "says": stop.says,
                "button": stop.button,
                "seen": f"{seen.channel}/{seen.ts}" if seen else "",
            }
            for stop, seen in zip(TOUR, evidence(stage), strict=True)
        ],
    }


def people(stage: Stage) -> Json:
    """Return all people by id, with the role of those that a visitor can be."""
    return {
        person.id: {
            "id": person.id,
            "name": person.name,
            "real_name": person.real_name,
            "tz": person.tz,
            "role": PEOPLE.get(person.id, ""),
            "bot": person.is_bot,
            "gone": person.deleted,
        }
        for person in stage.office.people.values()
    }


def channels(stage: Stage, person: Person) -> Sequence[Json]:
    """Return the channels that the person is in, and their messages with the app."""
    bot = stage.office.app.bot_user
    return [
        {
            "id": channel.id,
            "name": channel.name if channel.kind != "im" else "aicost",
            "kind": channel.kind,
            "archived": channel.is_archived,
            "shared": channel.is_ext_shared,
            "has_app": bot in channel.members,
            "members": len(channel.members),
        }
        for channel in _places(stage, person)
    ]


def message_json(message: Message) -> Json:
    """Return a message in its current state."""
    return message.as_json() | {
        "channel": message.channel,
        "ephemeral": message.shown_to is not None,
        "deleted": message.is_deleted,
        "attachments": list(message.attachments),
    }


def view_json(view: View | None) -> Json | None:
    """Return a modal or Home tab in its current state."""
    if view is None:
        return None
    shown: Mapping[str, Any] = view.content
    return {"id": view.id, "hash": view.hash, "channel": view.channel, **shown}


def sees(person: Person, channel: Channel, message: Message) -> bool:
    """Return True if the person would see that message."""
    return (
        person.id in channel.members
        and not channel.is_deleted
        and message.shown_to in (None, person.id)
    )


def _places(stage: Stage, person: Person) -> list[Channel]:
    stage.office.dm(person.id)
    return [
        channel
        for channel in stage.office.channels.values()
        if person.id in channel.members and not channel.is_deleted
    ]
