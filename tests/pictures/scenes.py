"""What the pictures show: the steps to a scene, and the part of the page to take."""

from collections.abc import Sequence
from dataclasses import dataclass

from playwright.async_api import Locator, Page

from simulators.demo.steps import Dismiss, Happen, Move, OpenHome, Press, Say, Step

FILM = "film"
ANSWER = "article.ephemeral"
POSTED = "article:not(.ephemeral)"


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture's name, the steps that lead to it, and what it shows: the newest part of the page
    that `shows` selects and that says `says`; the whole page without `shows`."""

    name: str
    steps: Sequence[Step]
    shows: str = ""
    says: str = ""
    place: str = "# ai-costs"
    on_phone: bool = False
    """Whether it is taken as a phone shows it too."""


SCENES: Sequence[Scene] = (
    Scene("answer", [Say("/aicost")], ANSWER, on_phone=True),
    Scene("by-model", [Say("/aicost last week by model")], ANSWER),
    Scene(
        "digest",
        [Say("/aicost digest on 09:00 weekdays"), Move("day"), Move("hour")],
        POSTED,
        "AI spend",
        on_phone=True,
    ),
    Scene(
        "alert",
        [
            Say("/aicost alerts spikes on"),
            Say("/aicost budget set openai 6000 monthly at 50,80,100"),
            Happen("spike"),
            Move("day"),
            Move("day"),
        ],
        POSTED,
        "monthly used",
        on_phone=True,
    ),
    Scene("demo", []),
    Scene("why", [Say("/aicost why yesterday")], ANSWER),
    Scene(
        "form",
        [Say("/aicost budget list"), Press("aicost.open.budget")],
        "#modal",
    ),
    Scene("home", [Dismiss(), OpenHome()], ".home", place="aicost"),
)


def part(page: Page, scene: Scene) -> Page | Locator:
    """Return what the picture shows."""
    if not scene.shows:
        return page
    return page.locator(scene.shows, has_text=scene.says or None).last


async def go_to(page: Page, place: str) -> None:
    """Open a channel or the app, unless a form is open above it."""
    if not await page.locator("#modal").is_visible():
        await page.get_by_role("navigation").get_by_role("button", name=place, exact=True).click()
