"""A question in the Messages tab of the demo page."""

import pytest
from playwright.async_api import Page, expect

from tests.demo.test_page import say

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_question_is_answered_in_the_messages_tab(shared_page: Page) -> None:
    """Without a slash, and below the question."""
    await shared_page.get_by_role("button", name="aicost").first.click()
    await shared_page.get_by_role("tab", name="Messages").click()
    await expect(shared_page.get_by_placeholder("Message aicost")).to_be_visible()
    await say(shared_page, "what is left?")
    await expect(shared_page.locator("article").last).to_contain_text("OpenRouter: $")
