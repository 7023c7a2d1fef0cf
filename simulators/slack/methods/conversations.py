"""`conversations.*`: channels and direct messages."""

from simulators.slack.errors import SlackError
from simulators.slack.methods.call import Answer, Call, Method, page
from simulators.slack.things import Channel

_READ = {"public": "channels:read", "private": "groups:read", "im": "im:read", "mpim": "mpim:read"}
_ASKED = {"public_channel": "public", "private_channel": "private", "im": "im", "mpim": "mpim"}


def _readable(call: Call) -> Channel:
    channel = call.channel()
    call.state.need_scope(_READ[channel.kind])
    return channel


def _info(call: Call) -> Answer:
    return {"channel": _readable(call).as_json(call.state.app.bot_user)}


def _members(call: Call) -> Answer:
    members, more = page(call, sorted(_readable(call).members))
    return {"members": members, **more}


def _list(call: Call) -> Answer:
    return _listed(call, None)


def _of_person(call: Call) -> Answer:
    """`users.conversations`: the channels that a person is in, as far as the app may know them."""
    return _listed(call, call.person().id if call.text("user") else call.state.app.bot_user)


def _listed(call: Call, person: str | None) -> Answer:
    """Return the channels that the app may know; for one person those that they are in."""
    asked = call.text("types", "public_channel").split(",")
    kinds = {_ASKED[kind.strip()] for kind in asked if kind.strip() in _ASKED}
    for kind in sorted(kinds):
        call.state.need_scope(_READ[kind])
    me = call.state.app.bot_user
    known = [
        channel.as_json(me)
        for channel in call.state.channels.values()
        if channel.kind in kinds
        and not channel.is_deleted
        and (person is None or person in channel.members)
        and (channel.kind == "public" or me in channel.members)
        and not (channel.is_archived and call.truth("exclude_archived"))
    ]
    channels, more = page(call, known)
    return {"channels": channels, **more}


def _open(call: Call) -> Answer:
    if call.text("channel"):
        return {"channel": {"id": call.channel().id}}
    wanted = call.required("users", "users_list_not_supplied").split(",")
    if len(wanted) > 1:
        raise SlackError("not_enough_users")
    person = call.state.people.get(wanted[0])
    if person is None:
        raise SlackError("user_not_found")
    if person.deleted:
        raise SlackError("user_disabled")
    already = f"D{person.id[1:]}" in call.state.channels
    opened = {"no_op": True, "already_open": True} if already else {}
    return {"channel": {"id": call.state.dm(person.id).id}, **opened}


def _join(call: Call) -> Answer:
    channel = call.channel()
    if channel.kind != "public":
        raise SlackError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise SlackError("is_archived")
    channel.members.add(call.state.app.bot_user)
    return {"channel": channel.as_json(call.state.app.bot_user)}


METHODS = {
    "conversations.info": Method(_info, 50),
    "conversations.members": Method(_members, 100),
    "conversations.list": Method(_list, 20),
    "users.conversations": Method(_of_person, 50),
    "conversations.open": Method(_open, 50, ("im:write",)),
    "conversations.join": Method(_join, 50, ("channels:join",)),
}
