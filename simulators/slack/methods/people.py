"""`users.*`, `usergroups.*`, `auth.test`, `team.info`, `bots.info`: people and apps."""

from simulators.slack.errors import SlackError
from simulators.slack.methods.call import Answer, Call, Method, page
from simulators.slack.things import Person


def _shown(call: Call, person: Person) -> Answer:
    offset = call.state.clock().astimezone(person.zone).utcoffset()
    return person.as_json(call.state.team_id, int(offset.total_seconds()) if offset else 0)


def _info(call: Call) -> Answer:
    return {"user": _shown(call, call.person())}


def _lookup_by_email(call: Call) -> Answer:
    """Addresses are compared without case. A deactivated person isn't found."""
    address = call.required("email").casefold()
    for person in call.state.people.values():
        if person.email.casefold() == address and not person.deleted:
            shown = _shown(call, person)
            return {"user": shown | {"profile": shown["profile"] | {"email": person.email}}}
    raise SlackError("users_not_found")


def _list(call: Call) -> Answer:
    home = [p for p in call.state.people.values() if p.team_id == call.state.team_id]
    members, more = page(call, [_shown(call, person) for person in home])
    return {"members": members, **more}


def _group_members(call: Call) -> Answer:
    group = call.text("usergroup")
    if group not in call.state.groups:
        raise SlackError("no_such_subteam")
    return {"users": list(call.state.groups[group])}


def _auth_test(call: Call) -> Answer:
    state = call.state
    if call.text("token") == state.app.app_token:
        return {"app_name": "aicost", "app_id": state.app.app_id}
    return {
        "url": "https://demo.slack.com/",
        "team": state.team_name,
        "user": "aicost",
        "team_id": state.team_id,
        "user_id": state.app.bot_user,
        "bot_id": state.app.bot_id,
        "is_enterprise_install": False,
    }


def _team_info(call: Call) -> Answer:
    return {"team": {"id": call.state.team_id, "name": call.state.team_name, "domain": "demo"}}


def _bot_info(call: Call) -> Answer:
    app = call.state.app
    if call.text("bot", app.bot_id) != app.bot_id:
        raise SlackError("bot_not_found")
    return {
        "bot": {
            "id": app.bot_id,
            "app_id": app.app_id,
            "user_id": app.bot_user,
            "name": "aicost",
            "deleted": False,
        }
    }


METHODS = {
    "users.info": Method(_info, 100, ("users:read",)),
    "users.lookupByEmail": Method(_lookup_by_email, 50, ("users:read.email",)),
    "users.list": Method(_list, 20, ("users:read",)),
    "usergroups.users.list": Method(_group_members, 20, ("usergroups:read",)),
    "auth.test": Method(_auth_test, 0),
    "team.info": Method(_team_info, 50, ("team:read",)),
    "bots.info": Method(_bot_info, 50, ("users:read",)),
}
