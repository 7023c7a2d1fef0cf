"""Names and messages that come from Slack: they ping nobody, hide nothing and leak no secret."""

import json
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.reports.messages.suggestions import SHARE
from simulators.slack.faults import Answers, Says
from simulators.slack.office import COSTS, MANAGER, MEMBER
from tests.harness import Harness
from tests.home.test_leads import seen

NAMES = {
    "<!channel> *b* <@U1|x>": "&lt;!channel&gt; *b* &lt;@U1|x&gt;",
    "\u202eevil\u200b\x07\x1b[31m": "evil[31m",
    "a\nb\u2028c": "a b c",
    "bob@corp.example": "[hidden]",
    "xoxb-1-CANARY": "[hidden]",
    "x" * 5_000: "x" * 59 + "…",
    "": "Ben Okafor",
    " \u200b\u3164": "Ben Okafor",
}
"""A display name, and how it is shown."""
HOSTILE = "<!channel> \u202e\x07 bob@corp.example xoxb-1-CANARY " + "x" * 5_000


def is_clean(text: str) -> bool:
    return not any(each in text for each in ("\u202e", "\x07", "corp", "CANARY"))


async def test_a_name_is_shown_as_text(harness: Harness) -> None:
    """In a shared answer: the display name of the person who shares it."""
    for given, shown in NAMES.items():
        harness.slack.person(MEMBER).name = given
        harness.bot.people.forget(MEMBER)
        answer = seen(await harness.slack.say(MEMBER, COSTS, "/aicost mtd"))
        await harness.slack.press(answer, SHARE, MEMBER)
        posted = harness.posted()[-1]
        assert f"Shared by {shown}, " in posted.text
        assert f"Shared by {shown}, " in json.dumps(posted.blocks, ensure_ascii=False)
    assert len(harness.posted()) == len(NAMES)


ZONES = ("../../etc/passwd", "America", "\0", "x" * 5_000, "Mars/Base", "", 7, None)


async def test_a_time_zone_that_is_none_is_utc(harness: Harness) -> None:
    """A digest is set all the same, and names the zone that it uses."""
    person = harness.slack.person(MANAGER).as_json(harness.bot.slack.workspace.team_id, 0)
    for zone in ZONES:
        body = json.dumps({"ok": True, "user": {**person, "tz": zone}}).encode()
        harness.slack_server.fail("users.info", Answers(body))
        harness.bot.people.forget(MANAGER)
        assert "UTC" in await harness.ask("digest on 09:00", MANAGER), zone


@pytest.mark.parametrize(
    "method",
    [
        "chat.postMessage",
        *(pytest.param(method, marks=pytest.mark.slow) for method in ("users.info", "views.open")),
    ],
)
async def test_what_slack_says_of_a_refusal_is_text(harness: Harness, method: str) -> None:
    """Scopes and messages that come with an error: in answers, direct messages, `status` and the
    log; and an error that is no word of Slack's."""
    beside: dict[str, Any] = {
        "needed": HOSTILE,
        "provided": HOSTILE,
        "errors": [HOSTILE, {"pointer": HOSTILE, "code": HOSTILE}],
        "response_metadata": {"messages": [HOSTILE]},
    }
    with capture_logs() as lines:
        for error in ("missing_scope", HOSTILE):
            await harness.ask("budget set openai 1 monthly", MANAGER)
            harness.slack_server.fail(method, Says(error, beside), times=9)
            harness.bot.people.forget(MEMBER)
            await harness.slack.say(MEMBER, COSTS, "/aicost help")
            home = await harness.slack.open_home(MANAGER)
            assert home is not None
            await harness.slack.press(home, "aicost.open.budget", MANAGER, "new")
            await harness.run_jobs("deliveries")
            harness.slack.faults.clear()
            await harness.slack.say(MANAGER, COSTS, "/aicost status")
    for person in (MANAGER, MEMBER):
        shown = [*harness.slack.channel(COSTS).seen_by(person), *harness.direct(person)]
        text = json.dumps([each.as_json() for each in shown], ensure_ascii=False)
        assert is_clean(text)
        assert "<!channel>" not in text
    said = [line for line in lines if "error" in line]
    assert said
    for line in said:
        assert is_clean(str(line["error"])), line
        assert len(str(line["error"])) < 500
