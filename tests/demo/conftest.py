"""A real browser for the demo's page, and the demo itself at a known moment."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from bot.cli.demo import BOT
from simulators.demo.page.server import serve_page
from simulators.demo.stage import Stage
from simulators.demo.start import DATABASE, stage_in
from tests.harness import LONGEST
from tests.harness.fixtures import once_a_run
from tests.tools import need

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
MONDAY = datetime(2026, 11, 2, 8, tzinfo=UTC)
PATIENCE = 300_000
"""Milliseconds that the browser waits for: other processes may hold every core meanwhile."""
NEED_MUCH = {"browser", "stage", "shared_stage"}
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
    """Where Chromium is: in AICOST_BROWSER, or on the path."""
    return os.environ.get("AICOST_BROWSER") or need(*NAMES)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow is what needs a browser, or the demo after its year: reading that, starting Chromium."""
    for item in items:
        names: list[str] = getattr(item, "fixturenames", [])
        if item.path.is_relative_to(Path(__file__).parent) and not NEED_MUCH.isdisjoint(names):
            item.add_marker(pytest.mark.slow)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """A headless Chromium with a profile of its own."""
    path = chromium()
    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=path, args=list(QUIETLY))
        yield running
        await running.close()


@pytest.fixture(scope="session")
def year() -> Path:
    """The ledger of a demo that has read a year by that Monday."""

    async def read(folder: Path) -> None:
        async with stage_in(folder, BOT, MONDAY):
            pass

    return once_a_run("year", lambda folder: asyncio.run(read(folder))) / DATABASE


@pytest_asyncio.fixture(loop_scope="module")
async def stage(year: Path, tmp_path: Path) -> AsyncIterator[Stage]:
    """The demo, ready, on a Monday morning."""
    shutil.copy(year, tmp_path)
    async with stage_in(tmp_path, BOT, MONDAY) as running:
        running.office.allow(LONGEST)
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_stage(
    year: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    """The same for several tests of a module, one after another."""
    folder = tmp_path_factory.mktemp("shared")
    shutil.copy(year, folder)
    async with stage_in(folder, BOT, MONDAY) as running:
        running.office.allow(LONGEST)
        yield running


@asynccontextmanager
async def open_page(stage: Stage, browser: Browser) -> AsyncIterator[Page]:
    """The demo's page as Mona, the manager, has it open. Errors of its scripts fail the test."""
    async with serve_page(stage, 0) as served:
        opened = await browser.new_page(viewport={"width": 1400, "height": 900})
        opened.set_default_timeout(PATIENCE)
        errors: list[str] = []
        opened.on("pageerror", lambda error: errors.append(str(error)))
        await opened.goto(served.url)
        await opened.wait_for_selector("body.ready")
        yield opened
        await opened.close()
    assert not errors


@pytest_asyncio.fixture(loop_scope="module")
async def page(stage: Stage, browser: Browser) -> AsyncIterator[Page]:
    """The page of a demo that nothing else uses."""
    async with open_page(stage, browser) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def shared_page(shared_stage: Stage, browser: Browser) -> AsyncIterator[Page]:
    """The page of the demo that the module's tests share, without their messages: for tests that
    leave the clock and the budgets alone."""
    for channel in shared_stage.office.channels.values():
        channel.everything.clear()
    async with open_page(shared_stage, browser) as opened:
        yield opened


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where to put screenshots that people look at: AICOST_PICTURES, or a folder to forget."""
    folder = Path(os.environ.get("AICOST_PICTURES") or tmp_path / "pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
