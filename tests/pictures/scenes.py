"""What the pictures show: the steps to a scene, and the part of the page to take."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from playwright.async_api import Locator, Page

from simulators.demo.steps import Dismiss, Happen, Move, OpenHome, Press, Say, Step
from simulators.slack.office import GUEST, MANAGER, MEMBER
from tests.pictures.studio import DESKTOP, PHONE, Screen

FILM = "film"
ANSWER = "article.ephemeral"
POSTED = "article:not(.ephemeral)"


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture's name, the steps that lead to it, and what it shows: the newest part of the page
    that `shows` selects and that says `says`; the whole page without `shows`."""

    name: str
    steps: Sequence[Step] = ()
    shows: str = ""
    says: str = ""
    place: str = "# ai-costs"
    screens: Sequence[Screen] = (DESKTOP, PHONE)
    who: str = MANAGER


SETTING: Sequence[Step] = (
    Move("day"),
    Move("hour"),
    Say("/aicost digest on 09:00 weekdays"),
    Say("/aicost alerts spikes on"),
    Say("/aicost budget set openai 6000 monthly at 50,80,100"),
    Say("/aicost budget set openrouter left 180"),
    Happen("spike"),
)
"""What happened before. The spike's anomaly is found the same day. All other pictures but the last
two are of the second morning after it."""


def _home_of(name: str, who: str) -> Scene:
    return Scene(f"home-{name}", [OpenHome(who)], ".home", place="aicost", screens=[PHONE], who=who)


SCENES: Sequence[Scene] = (
    Scene("anomaly", [Move("hour")] * 6, POSTED, "Unusual ", screens=[PHONE]),
    Scene("alert", [Move("hour")] * 42, POSTED, "used this month"),
    Scene("digest", [], POSTED, "AI spend"),
    Scene("anomaly-resolved", [], POSTED, "Resolved: Unusual", screens=[PHONE]),
    Scene("demo", screens=[DESKTOP]),
    Scene("answer", [Say("/aicost")], ANSWER),
    Scene("by-model", [Say("/aicost last week by model")], ANSWER),
    Scene("why", [Say("/aicost why yesterday")], ANSWER),
    Scene("home", [OpenHome()], ".home", place="aicost"),
    _home_of("member", MEMBER),
    _home_of("guest", GUEST),
    Scene("form", [Say("/aicost budget list"), Press("aicost.open.budget")], "#modal"),
    Scene("low-balance", [Dismiss()], POSTED, "Alert: OpenRouter", screens=[PHONE]),
    Scene("resolved", [Happen("top-up"), Move("hour")], POSTED, "Resolved", screens=[PHONE]),
    Scene(
        "unknown",
        [Happen("outage"), *[Move("hour")] * 24, Say("/aicost yesterday")],
        ANSWER,
        screens=[PHONE],
    ),
)


def part(page: Page, scene: Scene) -> Page | Locator:
    """Return what the picture shows."""
    if not scene.shows:
        return page
    return page.locator(scene.shows, has_text=scene.says or None).last


async def go_to(page: Page, place: str) -> None:
    """Open a channel or the app, unless a form is open above it."""
    if not await page.locator("#modal").is_visible():
        named = re.compile(rf"^{re.escape(place)}\b")  # the number of unread messages may follow
        await page.get_by_role("navigation").get_by_role("button", name=named).click()
