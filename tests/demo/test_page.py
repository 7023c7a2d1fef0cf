"""The demo's page in a real browser: as a newcomer, a keyboard user, a guest would use it."""

import json
import re
from pathlib import Path

import aiohttp
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from providers.period import DAY
from simulators.demo.page.server import PortTaken, serve_page
from simulators.demo.stage import Stage
from simulators.demo.steps import Move, Say
from simulators.slack.office import GUEST, MEMBER

pytestmark = pytest.mark.asyncio(loop_scope="module")
FOCUSED = """() => {
    const it = document.activeElement;
    const label = it.labels?.[0]?.querySelector("span");
    return (it.ariaLabel || label?.textContent || it.textContent || "").trim();
}"""


async def say(page: Page, words: str) -> None:
    """Type into the message box and send."""
    await page.fill("#composer-box", words)
    await page.keyboard.press("Escape")
    await page.press("#composer-box", "Enter")


async def settled(page: Page) -> None:
    """Wait until what was asked for is done."""
    await page.wait_for_timeout(100)
    await page.wait_for_selector("body:not(.busy)")


async def be(page: Page, name: str) -> None:
    """Become someone else."""
    await page.get_by_label("You are").select_option(label=name)
    await expect(page.get_by_label("You are").locator("option:checked")).to_have_text(name)


async def faults_of(page: Page) -> list[str]:
    """What axe, a checker of accessibility, finds serious or critical."""
    found = await Axe().run(page)
    return [
        f"{fault['id']}: {[node['target'] for node in fault['nodes']]}"
        for fault in found.response["violations"]
        if fault["impact"] in ("serious", "critical")
    ]


async def test_a_newcomer_asks_and_goes_on_by_buttons(shared_page: Page, pictures: Path) -> None:
    """A slash offers what can be asked; the answer is private, its buttons ask on, sharing shows
    it to others, without a reload."""
    await shared_page.get_by_label("Message", exact=True).press_sequentially("/aicost bal")
    offered = shared_page.get_by_role("listbox", name="Suggestions").get_by_role("option")
    await expect(offered.first).to_contain_text("/aicost balance")
    await shared_page.keyboard.press("ArrowDown")
    await shared_page.keyboard.press("Enter")
    await expect(shared_page.locator("#composer-box")).to_have_value("/aicost balance")
    await say(shared_page, "/aicost")
    answer = shared_page.locator("article.ephemeral")
    await expect(answer).to_have_count(1)
    await expect(answer).to_contain_text("Only visible to you")
    await expect(answer).to_contain_text("AI spend")
    await shared_page.screenshot(path=pictures / "ask.png")
    await answer.get_by_role("combobox", name="Breakdown").select_option("By model")
    await expect(shared_page.get_by_role("img", name=re.compile("pie chart"))).to_be_visible()
    await shared_page.screenshot(path=pictures / "by-model.png")
    await shared_page.get_by_role("button", name="Share to channel").last.click()
    await expect(shared_page.locator("article:not(.ephemeral)")).to_have_count(1)
    await be(shared_page, "Ben Okafor (member)")
    await expect(shared_page.locator("article")).to_have_count(1)


@pytest.mark.slow
@pytest.mark.longest
async def test_the_tour_from_start_to_end(page: Page, pictures: Path) -> None:
    """Five stops, each done at a press and seen to be done: ask, digest, budget, spike, top-up."""
    stops = page.locator(".tour li")
    await expect(stops).to_have_count(5)
    for number in range(5):
        await stops.nth(number).get_by_role("button").click()
        await settled(page)
        await expect(stops.nth(number)).to_have_class("done")
        await page.screenshot(path=pictures / f"tour-{number + 1}.png")
    log = page.get_by_role("log", name="Messages")
    await expect(log.get_by_role("heading", name=re.compile("on Mon 2 Nov"))).to_be_visible()
    await expect(log).to_contain_text(re.compile(r"used this month, .* Passed"))
    await expect(log).to_contain_text("Resolved: OpenRouter balance")
    assert not await faults_of(page)
    await page.get_by_role("button", name="Dark colors").click()
    assert not await faults_of(page)
    await page.get_by_role("button", name="Light colors").click()
    await page.get_by_role("button", name="1 reply").last.click()
    await expect(page.get_by_role("log", name="Replies")).to_contain_text("topped up by $250.00")
    await page.screenshot(path=pictures / "thread.png")


async def test_a_long_menu_is_searched_by_keyboard(
    page: Page, stage: Stage, pictures: Path
) -> None:
    """With more projects than a menu holds one types, walks what fits with the arrows, and chooses;
    the preview is of what was chosen, and leaves the form as it was filled."""
    account = stage.scene.providers.world.openai
    for number in range(150):
        account.new_project(f"Team {number}", "gpt-5-2025-08-07", 1, stage.clock() - DAY)
    await stage.do(Move("now"))
    await say(page, "/aicost budget list")
    await page.get_by_role("button", name="Add budget").last.click()
    search = page.get_by_role("combobox", name="Budget for")
    await expect(search).to_have_value("All providers together")
    await search.fill("team 149")
    fitting = page.get_by_role("listbox", name="Matches").get_by_role("option")
    await expect(fitting).to_have_text(["Team 149"])
    await page.screenshot(path=pictures / "search.png")
    assert await faults_of(page) == []
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(search).to_have_value("Team 149")
    await page.get_by_label("Amount (US$)").fill("250")
    await page.get_by_role("button", name="Preview the alert").click()
    await expect(page.locator("#modal")).to_contain_text("of $250 used this month")
    await expect(page.locator("#modal")).to_contain_text("Project Team 149")
    await page.screenshot(path=pictures / "search-preview.png")
    await page.get_by_role("button", name="Close", exact=True).last.click()
    await expect(search).to_have_value("Team 149")
    await expect(page.get_by_label("Amount (US$)")).to_have_value("250")


async def test_a_modal_with_an_error_and_with_success(page: Page, pictures: Path) -> None:
    """Raising a budget: nonsense is refused under its field, a sum is taken and the alert ends."""
    await say(page, "/aicost budget set openai 150 monthly")
    raising = page.get_by_role("button", name="Raise budget")
    await raising.click()
    dialog = page.get_by_role("dialog", name="Change budget")
    amount = dialog.get_by_label(re.compile("Amount"))
    await expect(amount).to_be_focused()
    await amount.fill("plenty")
    await page.keyboard.press("Enter")
    await expect(amount).to_have_attribute("aria-invalid", "true")
    await expect(dialog.get_by_role("alert").first).to_contain_text("amount in dollars")
    await page.screenshot(path=pictures / "modal-error.png")
    assert not await faults_of(page)
    await amount.fill("9000")
    await page.keyboard.press("Enter")
    await expect(dialog).to_be_hidden()
    await expect(page.get_by_role("log")).to_contain_text("Resolved: ")
    await expect(page.get_by_role("log")).to_contain_text("the budget or alert was changed")


async def test_home_opens_and_is_accessible(shared_page: Page, pictures: Path) -> None:
    """The dashboard is there when it is opened, for a manager with settings, and accessible."""
    await (
        shared_page.get_by_role("navigation")
        .get_by_role("button", name="aicost", exact=True)
        .click()
    )
    await expect(shared_page.get_by_role("tab", name="Home")).to_have_attribute(
        "aria-selected", "true"
    )
    await expect(shared_page.locator(".home .block").first).to_be_visible()
    await expect(shared_page.locator(".home")).to_contain_text("AI spend")
    assert not await faults_of(shared_page)
    await shared_page.screenshot(path=pictures / "home.png")
    await shared_page.get_by_role("button", name="Dark colors").click()
    await shared_page.screenshot(path=pictures / "home-dark.png")
    assert not await faults_of(shared_page)


async def test_shortcuts_open_and_threads_are_answered(
    shared_page: Page, shared_stage: Stage
) -> None:
    """The app's shortcuts open from the box and from a message; a question in a thread is answered
    there."""
    await shared_page.get_by_role("button", name="Shortcuts").click()
    await shared_page.get_by_role("menuitem", name="Ask about AI costs").click()
    dialog = shared_page.get_by_role("dialog")
    await expect(dialog).to_be_visible()
    await shared_page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await shared_stage.do(Say("What did we use?", who="ben"))
    message = shared_page.locator("article").last
    await message.hover()
    await message.get_by_role("button", name="Message actions").click()
    await shared_page.get_by_role("menuitem", name="Answer with AI costs").click()
    await expect(dialog).to_be_visible()
    await shared_page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await message.get_by_role("button", name="Message actions").click()
    await shared_page.get_by_role("menuitem", name="Reply in thread").click()
    await shared_page.get_by_label("Reply in the thread").fill("@aicost balance")
    await shared_page.keyboard.press("Enter")
    thread = shared_page.get_by_role("log", name="Replies")
    await expect(thread).to_contain_text("@aicost balance")
    await expect(thread).to_contain_text("OpenRouter: $")


async def test_a_guest_is_refused_with_the_reason(shared_page: Page) -> None:
    """A guest sees no figure, by command or by pressing what is in front of them."""
    await say(shared_page, "/aicost")
    await shared_page.get_by_role("button", name="Share to channel").click()
    await expect(shared_page.locator("article:not(.ephemeral)")).to_have_count(1)
    await be(shared_page, "Gus (guest)")
    await say(shared_page, "/aicost balance")
    refused = shared_page.locator("article.ephemeral")
    await expect(refused).to_contain_text("Guests of this workspace don't see")
    assert "$" not in await refused.inner_text()
    await shared_page.get_by_role("button", name="Why").first.click()
    await expect(refused).to_have_count(2)


async def test_someone_of_another_workspace_and_a_member(shared_page: Page) -> None:
    """A stranger sees the shared channel alone and is refused; a member may not set a budget."""
    await be(shared_page, "Sam (from another workspace)")
    channels = shared_page.get_by_role("navigation").get_by_role("listitem")
    await expect(channels).to_have_text(["# partners", "aicost"])
    await shared_page.get_by_role("button", name="# partners").click()
    await say(shared_page, "/aicost")
    await expect(shared_page.locator("article.ephemeral")).to_contain_text(
        "People of other workspaces"
    )
    await be(shared_page, "Ben Okafor (member)")
    await shared_page.get_by_role("button", name="# engineering").click()
    await say(shared_page, "/aicost budget set openai 500 monthly")
    await expect(shared_page.locator("article.ephemeral")).to_contain_text("Only workspace admins")


async def test_the_keyboard_alone_can_do_everything(page: Page) -> None:
    """Skip to the box, ask, press an answer's button, change channels, be someone else, move the
    clock, let something happen: without a mouse."""
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("#composer-box")).to_be_focused()
    await page.keyboard.type("/aicost")
    await page.keyboard.press("Escape")
    await page.keyboard.press("Enter")
    await expect(page.locator("article.ephemeral")).to_have_count(1)
    await tab_to(page, "Why", backwards=True)
    await page.keyboard.press("Enter")
    await expect(page.locator("article.ephemeral")).to_contain_text("Why:")
    await tab_to(page, "You are", backwards=True)
    await page.keyboard.press("ArrowDown")
    await expect(page.locator(".who option:checked")).to_have_text("Ben Okafor (member)")
    await tab_to(page, "# engineering")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="# engineering")).to_be_visible()
    await tab_to(page, "+1 hour")
    await page.keyboard.press("Enter")
    await expect(page.locator(".clock")).to_contain_text(re.compile(r"at 10:\d\d, Europe/Berlin"))
    await tab_to(page, "Provider outage")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="End the outage")).to_be_visible()
    await tab_to(page, "End the outage")
    await page.keyboard.press("Space")
    await expect(page.locator(".happened li")).to_have_count(2)


async def tab_to(page: Page, name: str, *, backwards: bool = False) -> None:
    """Press Tab until what is so called has the focus, and can be seen to have it."""
    for _ in range(80):
        await page.keyboard.press("Shift+Tab" if backwards else "Tab")
        said = await page.evaluate(FOCUSED)
        if said == name:
            outline = "() => getComputedStyle(document.activeElement).outlineStyle"
            assert await page.evaluate(outline) != "none"
            return
    raise AssertionError(f"{name} can't be reached with Tab")


@pytest.mark.slow
async def test_play_lets_time_run_until_it_is_paused(page: Page, stage: Stage) -> None:
    """The clock runs on by the hour, what happens shows meanwhile, and it stands when paused."""
    begun = stage.clock()
    await page.get_by_role("button", name="Play").click()
    await expect(page.locator(".clock")).to_contain_text("Tuesday, 3 November")
    await say(page, "/aicost balance")
    await expect(page.locator("article.ephemeral")).to_have_count(1)
    await page.get_by_role("button", name="Pause").click()
    await expect(page.get_by_role("button", name="Play")).to_be_visible()
    stood = stage.clock()
    await page.wait_for_timeout(500)
    assert (stage.clock() - stood).total_seconds() < 60
    assert (stood - begun).total_seconds() > 16 * 3600


@pytest.mark.slow
async def test_a_failing_slack_and_provider_are_seen_through(page: Page) -> None:
    """An outage shows as stale, ends, and what Slack refused arrives all the same."""
    await page.get_by_role("button", name="Provider outage").click()
    await page.get_by_role("button", name="Sync now").click()
    await settled(page)
    await say(page, "/aicost status")
    await expect(page.locator("article").last).to_contain_text("OpenAI")
    await expect(page.locator("article").last).to_contain_text("503")
    await page.get_by_role("button", name="End the outage").click()
    await page.get_by_role("button", name="Slack fails").click()
    await say(page, "/aicost budget set openai 250 monthly")
    await settled(page)
    alert = page.locator("article:not(.ephemeral)")
    for _ in range(5):
        await page.get_by_role("button", name="+1 hour").click()
        await settled(page)
        if await alert.count():
            break
    await expect(alert).to_have_count(1)
    await expect(alert).to_contain_text("of $250 used")


async def test_the_page_comes_back_by_itself(shared_stage: Stage, shared_page: Page) -> None:
    """What is said elsewhere appears live; a page opened later shows the same."""
    await shared_stage.do(Say("Good morning", who="ben"))
    await expect(shared_page.get_by_role("log")).to_contain_text("Good morning")
    await shared_page.reload()
    await expect(shared_page.get_by_role("log")).to_contain_text("Good morning")


async def test_a_reload_keeps_person_and_channel(shared_page: Page) -> None:
    """The page opens where it was left, as the person that was chosen."""
    await be(shared_page, "Ben Okafor (member)")
    await shared_page.get_by_role("button", name="# engineering").click()
    await shared_page.reload()
    await expect(shared_page.get_by_role("heading", name="# engineering")).to_be_visible()
    chosen = shared_page.get_by_label("You are").locator("option:checked")
    await expect(chosen).to_have_text("Ben Okafor (member)")


@pytest.mark.parametrize(("width", "height"), [(360, 740), (1000, 700), (1400, 900)])
async def test_everything_is_in_reach_on_every_screen(
    width: int, height: int, shared_page: Page
) -> None:
    """The message box, the newest answer and the tour: nobody has to look for what a press did."""
    await shared_page.set_viewport_size({"width": width, "height": height})
    box = shared_page.locator("#composer-box")
    answers = shared_page.locator("article")
    newest = answers.last
    tour = shared_page.locator(".tour button").first
    await say(shared_page, "/aicost balance")
    for count in (1, 2):
        await expect(answers).to_have_count(count)
        await settled(shared_page)
        await expect(newest).to_be_in_viewport(ratio=0.2)
        await expect(box).to_be_in_viewport(ratio=1)
        await expect(tour).to_be_in_viewport(ratio=1)
        await tour.click()


async def test_only_pages_of_this_machine_are_served(shared_stage: Stage) -> None:
    """Another site's page, or a name that points here, cannot act in the demo; nonsense is
    refused."""
    async with serve_page(shared_stage, 0) as served, aiohttp.ClientSession() as session:
        step = json.dumps({"say": "/aicost"})
        for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example:80"}):
            async with session.post(f"{served.url}do", data=step, headers=headers) as answer:
                assert answer.status == 403
        nested = "[" * 100_000
        for body, words in [
            ("{", "not JSON"),
            (nested, "not JSON"),
            ("{}", "a step has"),
            ('{"say": 1}', "is a text"),
        ]:
            async with session.post(f"{served.url}do", data=body) as answer:
                assert answer.status == 400
                assert words in await answer.text()
        async with session.get(f"{served.url}events?as=nobody") as answer:
            assert answer.status == 404


async def test_a_taken_port_is_refused_if_it_was_asked_for(shared_stage: Stage) -> None:
    """The next free one is used where none was asked for; one that was asked for is refused."""
    async with serve_page(shared_stage) as first, serve_page(shared_stage) as second:
        assert second.port > first.port
        with pytest.raises(PortTaken):
            async with serve_page(shared_stage, first.port):
                raise AssertionError("two pages on one port")


async def test_files_are_for_those_who_see_them(shared_stage: Stage) -> None:
    """A CSV that one person got is not there for another."""
    await shared_stage.do(Say("/aicost export last month"))
    files = list(shared_stage.office.files)
    async with serve_page(shared_stage, 0) as served, aiohttp.ClientSession() as session:
        for file in files:
            async with session.get(f"{served.url}files/{file}?as=mona") as answer:
                assert answer.status == 200
            for other in (MEMBER, GUEST):
                async with session.get(f"{served.url}files/{file}?as={other}") as answer:
                    assert answer.status == 404
    assert files
