"""Twelve days played one by one on the page: what comes, comes once and in time."""

import re
import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from playwright.async_api import Page

from bot.slack.text_renderer import plain_text
from providers.period import DAY, utc_day
from simulators.demo.stage import Stage
from simulators.slack.things import Message

pytestmark = pytest.mark.asyncio(loop_scope="module")
DAYS = 12


@pytest.mark.slow
@pytest.mark.longest
async def test_each_of_twelve_days_brings_what_is_due(
    page: Page, stage: Stage, pictures: Path
) -> None:
    """A digest each weekday at 09:00 and never on another day; each line of the budget crossed
    once; the low balance warned of once and its recovery reported; and all in under 60 seconds."""
    for words in (
        "/aicost digest on 09:00 weekdays",
        "/aicost budget set openai 1600 monthly at 50,80,100",
        "/aicost budget set openrouter left 3d",
    ):
        await page.fill("#composer-box", words)
        await page.keyboard.press("Escape")
        await page.press("#composer-box", "Enter")
        await page.wait_for_timeout(100)
        await page.wait_for_selector("body:not(.busy)")
    first = utc_day(stage.clock())
    begun = time.process_time()
    for day in range(DAYS):
        await page.get_by_role("button", name="+1 day").click()
        await page.wait_for_timeout(50)
        await page.wait_for_selector("body:not(.busy)")
        if day == 9:
            for _ in range(3):
                await page.get_by_role("button", name="Top-up", exact=True).click()
    took = time.process_time() - begun  # whatever else the machine does
    await page.screenshot(path=pictures / "month.png")
    assert utc_day(stage.clock()) == first + DAY * DAYS
    assert took < 60  # half of that on a machine that does nothing else

    said = stage.office.channel("ai-costs").messages
    digests = [m for m in said if "aicost.digest." in str(m.blocks)]
    assert [_when(m).date() for m in digests] == _weekdays(first, DAYS)
    assert {(_when(m).hour, _when(m).minute) for m in digests} == {(9, 0)}
    crossings = re.findall(r"\d+", " ".join(_passed(_words(m)) for m in said))
    assert sorted(crossings, key=int) == ["50", "80", "100"]
    warnings = [m for m in said if "alert comes at" in _words(m)]
    assert len(warnings) == 1
    assert "topped up" in _words(warnings[0])
    thread = stage.office.channel("ai-costs").thread(warnings[0].ts)
    assert ["topped up by $750.00" in _words(m) for m in thread] == [True]
    await page.wait_for_selector(f'article[data-message="{digests[-1].channel}/{digests[-1].ts}"]')


def _weekdays(first: date, days: int) -> list[date]:
    """Those on which the slot at 09:00 is passed, from the first day on."""
    every = [first + DAY * i for i in range(days)]
    return [day for day in every if day.weekday() < 5]


def _passed(words: str) -> str:
    """The thresholds that an alert names. The one that its heading's share is isn't named again."""
    found = re.search(r"Passed ([\d, and]+)%", words) or re.match(r".* budget, (\d+)% of \$", words)
    return found[1] if found else ""


def _when(message: Message) -> datetime:
    return datetime.fromtimestamp(float(message.ts), UTC)  # London is at UTC in November


def _words(message: Message) -> str:
    return plain_text({"text": message.text, "blocks": message.blocks})
