"""Whatever can be pressed, searched, sent or called, forged by everybody who may not: the list is
that of docs/reference/slack-surface.md, which another test holds equal to the code's listeners."""

import re
from collections.abc import Mapping

import pytest

from bot.slack.text_renderer import plain_text
from simulators.slack.office import COSTS, GUEST, MANAGER, MEMBER, NARROW_GUEST, PARTNERS, STRANGER
from simulators.slack.things import Message, View
from tests.harness import Harness
from tests.harness.fixtures import Start
from tests.slack.test_surface import shown

MAY: Mapping[str, frozenset[str]] = {
    GUEST: frozenset(),
    STRANGER: frozenset(),
    NARROW_GUEST: frozenset({"read"}),
    MEMBER: frozenset({"read", "share", "operate"}),
}
WORDS = {
    GUEST: "Guests of this workspace",
    STRANGER: "People of other workspaces",
    NARROW_GUEST: "not change or share",
    MEMBER: "Only workspace admins",
}
PLACE = {STRANGER: PARTNERS}


def beyond(heading: str, user: str) -> list[str]:
    """What of that section this person may not."""
    return [name for name, needs in shown(heading).items() if needs not in MAY[user]]


def button(action: str) -> dict[str, object]:
    """A button that this person never saw."""
    text = {"type": "plain_text", "text": "Forged"}
    return {"type": "button", "action_id": action, "value": "1", "text": text}


def forged_message(harness: Harness, user: str, action: str) -> Message:
    """A message with that button where the person is."""
    office = harness.slack
    blocks = office.with_ids([{"type": "actions", "elements": [button(action)]}])
    place = PLACE.get(user, COSTS)
    return office.post(Message(office.new_ts(), place, office.app.bot_user, "Forged", blocks))


def forged_view(harness: Harness, user: str, content: Mapping[str, object]) -> View:
    """A modal that they have open."""
    title = {"type": "plain_text", "text": "Forged"}
    view = harness.slack.new_view(user, {"type": "modal", "title": title, **content})
    harness.slack.person(user).modals.append(view)
    return view


def tokenize(view: View | None) -> str:
    """What a view says."""
    return "" if view is None else plain_text({"text": "", "blocks": view.blocks})


@pytest.mark.parametrize(
    "user",
    [pytest.param(user, marks=() if user == MEMBER else pytest.mark.slow) for user in sorted(MAY)],
)
async def test_nothing_beyond_what_they_may(start_bot: Start, user: str) -> None:
    """Each forged press, form, search and shortcut is answered with the reason, for them alone;
    nothing is shown, set, posted or put on record."""
    async with start_bot(AICOST_VIEWERS=NARROW_GUEST) as harness:
        office = harness.slack
        await office.say(MANAGER, COSTS, "/aicost budget set all 100000 monthly")
        await office.say(MANAGER, COSTS, "/aicost digest on 09:00 daily UTC")
        before, rules = await harness.changes(), await harness.rules()
        for action in beyond("Buttons and menus", user):
            answer = await office.press(forged_message(harness, user, action), action, user)
            assert answer.message is not None, action
            assert answer.message.shown_to == user, action
            assert WORDS[user] in answer.text, action
            assert "$" not in answer.plain, action
            assert office.person(user).modals == [], action
        for form in beyond("Modals", user):
            view = forged_view(
                harness, user, {"callback_id": form, "submit": button(form)["text"], "blocks": []}
            )
            await harness.slack.submit(view, user, {})
            assert WORDS[user] in tokenize(view), form
            office.person(user).modals.clear()
        for search in beyond("Searchable menus", user):
            menu = {"type": "external_select", "action_id": search, "min_query_length": 0}
            block = {"type": "input", "label": button("x")["text"], "element": menu}
            view = forged_view(harness, user, {"callback_id": "x", "blocks": [block]})
            assert (await office.search(view, search, user, "")).options == [], search
            office.person(user).modals.clear()
        for name in beyond("Command and shortcuts", user):
            if re.match(r"aicost_\w+here", name):
                message = forged_message(harness, user, "x")
                answer = await office.shortcut(user, name, message)
                assert WORDS[user] in answer.text, name
            elif not name.startswith("/"):
                await office.shortcut(user, name)
                assert WORDS[user] in tokenize(office.person(user).modal), name
                office.person(user).modals.clear()
        assert await harness.changes() == before
        assert await harness.rules() == rules
        assert all(message.text == "Forged" for message in office.channel(COSTS).messages)
