"""The demo at a fixed moment, and a browser in front of it.

The demo's clock stands still unless a scene moves it, its providers are seeded, and the browser
animates nothing. So the same code gives the same pixels on one machine. Another version of Chromium
or another font gives others.
"""

import io
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, Locator, Page, async_playwright

from bot.cli.demo import BOT
from simulators.demo.page.server import serve_page
from simulators.demo.stage import Stage
from simulators.demo.start import demo_stage
from simulators.demo.steps import Move, Step
from simulators.slack.office import MANAGER

START = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
"""A Monday morning, late enough in a month to forecast it."""
OPENING = timedelta(minutes=30)
"""The demo's clock runs while it opens."""
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--font-render-hinting=none",
    "--force-color-profile=srgb",
)
COLORS = 64
"""Of a picture: enough for text and flat colors, at a third of the size."""
STILL = """
*, *::before, *::after { transition: none !important; animation: none !important; }
* { caret-color: transparent !important; scrollbar-width: none !important; }
"""
CLOSE_UP = """
.notice, .sidebar, .title-bar, .composer, .controls, .day { display: none !important; }
html, body { height: auto !important; }
.frame { display: block !important; }
.surface { overflow: visible !important; padding: 0 !important; }
"""
"""For a picture of one message, view or form: nothing around it, and all of it visible."""


@dataclass(frozen=True, slots=True)
class Screen:
    """A size of window, and of what is seen close up."""

    suffix: str
    width: int
    height: int
    close_up: int
    scale: float


DESKTOP = Screen("", 1280, 860, 800, 1.5)
PHONE = Screen("-phone", 360, 740, 360, 1.5)
QUIET = 400
"""Milliseconds without a change after which a page has drawn everything."""
TALL = 2000
"""Of a close-up's window: a form or message is there as a whole."""
THEMES = {"light": "", "dark": "-dark"}


def chromium() -> str:
    """Return where Chromium is. Raises `SystemExit` without one."""
    found = os.environ.get("AICOST_BROWSER") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise SystemExit("no Chromium found: install Debian's chromium, or set AICOST_BROWSER")
    return found


_ADD_STYLE = """css => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    const changing = new CSSStyleSheet();
    document.adoptedStyleSheets.push(sheet, changing);
}"""
_CHANGE_STYLE = "css => document.adoptedStyleSheets.at(-1).replaceSync(css)"


class Studio:
    """The demo, and a page for each screen and theme, all looking at the same workspace."""

    def __init__(self, stage: Stage, browser: Browser, url: str) -> None:
        self.stage = stage
        self._browser = browser
        self._url = url

    async def do(self, *steps: Step) -> None:
        """Do steps in the demo, each to its end."""
        for step in steps:
            await self.stage.do(step)

    async def open(self, screen: Screen, theme: str, who: str = MANAGER) -> Page:
        """Open the page as that person sees it on that screen."""
        context = await self._browser.new_context(
            viewport={"width": screen.width, "height": screen.height},
            device_scale_factor=screen.scale,
            color_scheme="dark" if theme == "dark" else "light",
            reduced_motion="reduce",
            locale="en-US",
        )
        page = await context.new_page()
        await page.add_init_script(f"sessionStorage.setItem('aicost-me', '{who}')")
        await page.goto(self._url)
        await page.wait_for_selector("body.ready")
        await page.evaluate(_ADD_STYLE, STILL)
        return page


async def close_up(page: Page, screen: Screen, *, on: bool) -> None:
    """Leave away all around the conversation, or bring it back."""
    await page.evaluate(_CHANGE_STYLE, CLOSE_UP if on else "")
    width = screen.close_up if on else screen.width
    await page.set_viewport_size({"width": width, "height": TALL if on else screen.height})


@asynccontextmanager
async def open_studio() -> AsyncIterator[Studio]:
    """Start the demo and the browser. Nothing of them is kept."""
    async with (
        demo_stage(BOT, START - OPENING) as stage,
        serve_page(stage, 0) as served,
        async_playwright() as playwright,
    ):
        stage.clock.stop()
        stage.clock.set(START)
        await stage.do(Move("now"))
        browser = await playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        yield Studio(stage, browser, served.url)
        await browser.close()


async def settled(page: Page) -> None:
    """Wait until the page has drawn all that the steps before changed."""
    before = ""
    while (now := await page.inner_html("body")) != before:
        before = now
        await page.wait_for_timeout(QUIET)
        await page.wait_for_selector("body:not(.busy)")


async def take(what: Page | Locator, path: Path) -> None:
    """Take a picture of a page or a part of it, as a small PNG."""
    await what.page.mouse.move(0, 0) if isinstance(what, Locator) else await what.mouse.move(0, 0)
    shot = Image.open(io.BytesIO(await what.screenshot(animations="disabled"))).convert("RGB")
    small = shot.quantize(
        COLORS, method=Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    small.save(path, optimize=True)
