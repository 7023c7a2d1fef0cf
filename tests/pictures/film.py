"""The film at the top of the README: ask, ask why, set a budget, an alert arrives, acknowledge it.

A real browser types and presses in the demo. Each frame is a picture of its page, and Pillow makes
a GIF of them. Between frames only what changed is stored, so that the film stays small.
"""

import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image
from playwright.async_api import Locator, Page

from simulators.demo.steps import Happen, Move, Step
from tests.pictures.studio import Screen, Studio, settled

SCREEN = Screen("", 880, 640, 880, 1.5)
BEFORE: Sequence[Step] = [Happen("spike"), Move("day"), Move("day")]
"""A project spends six times as much from here on, so that there is something to ask about."""
TYPING, MOVING, READING, READING_MORE = 70, 60, 2600, 3600
"""Milliseconds that a frame stands."""
LETTERS, WAYPOINTS = 3, 5
COLORS = 96
LOOK = """
.notice, .controls, .title-bar .hint { display: none !important; }
.frame { grid-template-columns: 170px minmax(0, 1fr) !important; }
.film-caption { position: fixed; top: 8px; right: 12px; z-index: 30; padding: 5px 14px;
  border-radius: 16px; background: #1264a3; color: #ffffff; font-weight: 700; }
.film-pointer { position: fixed; z-index: 31; width: 18px; height: 18px; margin: -9px 0 0 -9px;
  border-radius: 50%; background: #e01e5a; opacity: .75; pointer-events: none; }
.film-pointer.down { box-shadow: 0 0 0 6px #e01e5a66; }
"""
_PREPARE = """css => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets.push(sheet);
    for (const name of ["caption", "pointer"]) {
        const part = document.createElement("div");
        part.className = `film-${name}`;
        part.hidden = true;
        document.body.append(part);
    }
}"""
_CAPTION = """words => {
    const caption = document.querySelector(".film-caption");
    caption.textContent = words;
    caption.hidden = false;
}"""
_POINT = """([x, y, isDown]) => {
    const pointer = document.querySelector(".film-pointer");
    pointer.hidden = x < 0;
    pointer.classList.toggle("down", isDown);
    pointer.style.left = `${x}px`;
    pointer.style.top = `${y}px`;
}"""


class Film:
    """Frames of a page, and how long each stands."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._frames: list[Image.Image] = []
        self._lasts: list[int] = []
        self._pointer = (SCREEN.width / 2, SCREEN.height / 2)

    async def caption(self, words: str) -> None:
        """Say what is about to be seen."""
        await self.page.evaluate(_CAPTION, words)

    async def frame(self, lasts: int) -> None:
        """Take a frame."""
        shot = await self.page.screenshot(animations="disabled")
        self._frames.append(Image.open(io.BytesIO(shot)).convert("RGB"))
        self._lasts.append(lasts)

    async def ask(self, words: str, lasts: int = READING) -> None:
        """Type into the message box, send, and read the answer."""
        box = self.page.locator("#composer-box")
        for end in range(LETTERS, len(words) + LETTERS, LETTERS):
            await box.fill(words[:end])
            await self.page.keyboard.press("Escape")
            await self.frame(TYPING)
        await self.frame(500)
        await box.press("Enter")
        await settled(self.page)
        await self.frame(lasts)

    async def press(self, what: Locator, lasts: int = READING) -> None:
        """Move the pointer to a button, press it, and read what comes of it."""
        box = await what.bounding_box()
        assert box is not None
        end = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        for step in range(1, WAYPOINTS + 1):
            x, y = (a + (b - a) * step / WAYPOINTS for a, b in zip(self._pointer, end, strict=True))
            await self.page.evaluate(_POINT, [x, y, False])
            await self.frame(MOVING)
        self._pointer = end
        await self.page.evaluate(_POINT, [*end, True])
        await self.frame(400)
        await what.click()
        await self.page.evaluate(_POINT, [-1, -1, False])
        await settled(self.page)
        await self.frame(lasts)

    def save(self, path: Path) -> None:
        """Write the GIF, without end: one palette for all frames, made of those that are read."""
        pairs = zip(self._frames, self._lasts, strict=True)
        read = [frame.reduce(2) for frame, lasts in pairs if lasts >= READING]
        width, height = read[0].size
        sheet = Image.new("RGB", (width, height * len(read)))
        for number, frame in enumerate(read):
            sheet.paste(frame, (0, height * number))
        palette = sheet.quantize(COLORS, method=Image.Quantize.MAXCOVERAGE, kmeans=1)
        first, *others = [
            frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in self._frames
        ]
        path.parent.mkdir(parents=True, exist_ok=True)
        first.save(path, save_all=True, append_images=others, duration=self._lasts, loop=0)


async def shoot(studio: Studio, path: Path) -> None:
    """Play the story and write the film."""
    await studio.do(*BEFORE)
    page = await studio.open(SCREEN, "light")
    await page.evaluate(_PREPARE, LOOK)
    await page.get_by_role("button", name="# ai-costs", exact=True).click()
    film = Film(page)
    newest = page.locator("article").last
    await film.caption("Ask")
    await film.frame(900)
    await film.ask("/aicost yesterday")
    await film.caption("Ask why")
    await film.press(newest.get_by_role("button", name="Why", exact=True), READING_MORE)
    await film.caption("Set a budget")
    await film.ask("/aicost budget set openai 5800 monthly at 80,100")
    await studio.do(Move("day"))
    await film.caption("Later: an alert arrives")
    await settled(page)
    await film.frame(READING_MORE)
    await film.caption("Acknowledge it")
    await film.press(newest.get_by_role("button", name="Acknowledge"), READING_MORE)
    film.save(path)
