"""A real browser for the demo's page, and the demo itself at a known moment."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from bot.cli.demo import BOT
from simulators.demo.page.server import serve_page
from simulators.demo.stage import Stage
from simulators.demo.start import DATABASE, stage_in

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
MONDAY = datetime(2026, 11, 2, 8, tzinfo=UTC)
QUIETLY = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium() -> str:
    """Where Chromium is. Skips without one, unless AICOST_REQUIRE_BROWSER says that it must be."""
    found = os.environ.get("AICOST_BROWSER") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        why = "no Chromium found: install Debian's chromium, or set AICOST_BROWSER to one"
        if os.environ.get("AICOST_REQUIRE_BROWSER") == "1":
            pytest.fail(why)
        pytest.skip(why)
    return found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """A headless Chromium with a profile of its own."""
    path = chromium()
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=path, args=list(QUIETLY))
        yield running
        await running.close()


@pytest.fixture(scope="session")
def year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ledger of a demo that has read a year by that Monday."""
    folder = tmp_path_factory.mktemp("year")

    async def read() -> None:
        async with stage_in(folder, BOT, MONDAY):
            pass

    asyncio.run(read())
    return folder / DATABASE


@pytest_asyncio.fixture(loop_scope="module")
async def stage(year: Path, tmp_path: Path) -> AsyncIterator[Stage]:
    """The demo, ready, on a Monday morning."""
    shutil.copy(year, tmp_path)
    async with stage_in(tmp_path, BOT, MONDAY) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def page(stage: Stage, browser: Browser) -> AsyncIterator[Page]:
    """The demo's page as Mona, the manager, has it open. Errors of its scripts fail the test."""
    async with serve_page(stage, 0) as served:
        opened = await browser.new_page(viewport={"width": 1400, "height": 900})
        opened.set_default_timeout(15_000)
        errors: list[str] = []
        opened.on("pageerror", lambda error: errors.append(str(error)))
        await opened.goto(served.url)
        await opened.wait_for_selector("body.ready")
        yield opened
        await opened.close()
    assert not errors


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where to put screenshots that people look at: AICOST_PICTURES, or a folder to forget."""
    folder = Path(os.environ.get("AICOST_PICTURES") or tmp_path / "pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
