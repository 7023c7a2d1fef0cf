"""The page against the messages: whatever the bot can say is drawn, and what is not known shows."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import yaml
from aiohttp import web
from playwright.async_api import Browser, Page

from simulators.demo.page.picture import SHORTCUTS
from simulators.demo.page.server import STATIC
from simulators.slack import elements, limits
from simulators.slack.limits import Surface, blocks_problems, view_problems
from tests.demo.conftest import PATIENCE

pytestmark = pytest.mark.asyncio(loop_scope="module")

HOUSE = Path(__file__).parents[2]
MANIFEST = (HOUSE / "manifest.yml").read_text()
SPOKEN = HOUSE / "bot" / "slack"
GOLDEN = HOUSE / "tests" / "slack" / "golden"
OPTIONS = [
    {"text": {"type": "plain_text", "text": "One"}, "value": "1"},
    {"text": {"type": "plain_text", "text": "Two"}, "value": "2"},
]
PLAIN = {"type": "plain_text", "text": "Words"}
RUNS = {"type": "rich_text_section", "elements": [{"type": "text", "text": "rich words"}]}
BUTTON = {"type": "button", "text": PLAIN, "action_id": "press"}
AXES = {
    "series": [
        {"name": "OpenAI", "data": [{"label": "1 Nov", "value": 4}, {"label": "2 Nov", "value": 7}]}
    ],
    "axis_config": {"categories": ["1 Nov", "2 Nov"], "x_label": "day", "y_label": "US dollars"},
}


def chart(kind: str) -> dict[str, Any]:
    """A chart of that kind."""
    drawn = {"type": kind, **AXES}
    if kind == "pie":
        drawn = {
            "type": "pie",
            "segments": [{"label": "a", "value": 3}, {"label": "b", "value": 1}],
        }
    return {"type": "data_visualization", "title": f"A {kind}", "chart": drawn}


TABLE = [
    [{"type": "raw_text", "text": "Model"}, {"type": "raw_text", "text": "Used"}],
    *(
        [
            {"type": "raw_text", "text": name},
            {"type": "raw_number", "value": used, "text": f"${used}"},
        ]
        for name, used in [("b", 2), ("c", 3), ("a", 10)]
    ),
]
BLOCKS: dict[str, dict[str, Any]] = {
    "section": {
        "type": "section",
        "text": {"type": "mrkdwn", "text": "*bold* `code`"},
        "fields": [PLAIN],
    },
    "header": {"type": "header", "text": PLAIN},
    "divider": {"type": "divider"},
    "context": {"type": "context", "elements": [{"type": "mrkdwn", "text": "small"}]},
    "actions": {"type": "actions", "elements": [BUTTON]},
    "input": {
        "type": "input",
        "label": PLAIN,
        "element": {"type": "plain_text_input", "action_id": "t"},
    },
    "image": {"type": "image", "alt_text": "a picture", "image_url": "https://example.com/a.png"},
    "rich_text": {"type": "rich_text", "elements": [RUNS]},
    "card": {"type": "card", "title": PLAIN, "actions": [BUTTON]},
    "alert": {"type": "alert", "text": PLAIN, "level": "warning"},
    "carousel": {"type": "carousel", "elements": [{"type": "card", "title": PLAIN}]},
    "markdown": {
        "type": "markdown",
        "text": "# Title\n\n- **one**\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |",
    },
    "container": {"type": "container", "title": PLAIN, "child_blocks": [{"type": "divider"}]},
    "context_actions": {
        "type": "context_actions",
        "elements": [{"type": "icon_button", "icon": "trash", "text": PLAIN, "action_id": "x"}],
    },
    "table": {
        "type": "table",
        "rows": [[{"type": "raw_text", "text": "a"}], [{"type": "raw_text", "text": "b"}]],
    },
    "data_table": {"type": "data_table", "caption": "Models", "page_size": 2, "rows": TABLE},
    "data_visualization": chart("bar"),
}
FIELDS: dict[str, dict[str, Any]] = {
    "button": {},
    "workflow_button": {"workflow": {}},
    "image": {"image_url": "https://example.com/a.png", "alt_text": "a picture"},
    "number_input": {"is_decimal_allowed": True},
    **{
        kind: {"options": OPTIONS}
        for kind in (
            "static_select",
            "multi_static_select",
            "overflow",
            "checkboxes",
            "radio_buttons",
        )
    },
}


def element_of(kind: str) -> dict[str, Any]:
    """The element of that type."""
    made: dict[str, Any] = {"type": kind, **FIELDS.get(kind, {})}
    if kind != "image":
        made["action_id"] = "act"
    if kind.endswith("button"):
        made["text"] = PLAIN
    return made


def around(element: dict[str, Any]) -> dict[str, Any]:
    """A block that may hold it."""
    kind = element["type"]
    if kind in elements.ACTION_ELEMENTS:
        return {"type": "actions", "elements": [element]}
    if kind in elements.SECTION_ACCESSORIES:
        return {"type": "section", "text": PLAIN, "accessory": element}
    return {"type": "input", "label": PLAIN, "element": element}


@pytest_asyncio.fixture(loop_scope="module")
async def easel(browser: Browser) -> AsyncIterator[Page]:
    """The page's own modules in an empty page, to draw single blocks with."""

    async def blank(_: web.Request) -> web.Response:
        links = '<link rel="stylesheet" href="layout.css"><link rel="stylesheet" href="blocks.css">'
        return web.Response(text=f"<!doctype html>{links}<main></main>", content_type="text/html")

    app = web.Application()
    app.add_routes([web.get("/", blank), web.static("/", STATIC)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    page = await browser.new_page(viewport={"width": 760, "height": 900})
    page.set_default_timeout(PATIENCE)
    await page.goto(f"http://127.0.0.1:{runner.addresses[0][1]}/")
    yield page
    await page.close()
    await runner.cleanup()


async def draw(easel: Page, *blocks: dict[str, Any]) -> None:
    """Draw them in place of what was there; presses are noted in the page."""
    await easel.evaluate(
        """async (blocks) => {
            const { drawBlocks } = await import("/js/blocks/index.js");
            window.pressed = [];
            const place = { surface: "message", channel: "C1", fields: new Map(),
                press: (block, element, value) => window.pressed.push(value) };
            document.querySelector("main").replaceChildren(...drawBlocks(blocks, place));
        }""",
        [{"block_id": f"b{i}", **block} for i, block in enumerate(blocks)],
    )


async def known_to(easel: Page, module: str, name: str) -> set[str]:
    """The types that a table of the page's renderers knows."""
    found: list[str] = await easel.evaluate(
        "async ([path, name]) => Object.keys((await import(path))[name])", [module, name]
    )
    return set(found)


def literal_types() -> Iterator[str]:
    """Every `"type": "…"` that stands in the code that speaks to Slack."""
    for path in SPOKEN.rglob("*.py"):
        yield from re.findall(r'"type": "([a-z_]+)"', path.read_text())


def golden_types() -> Iterator[str]:
    """Every type in the messages and views that tests hold to the letter."""
    for path in GOLDEN.rglob("*.json"):
        yield from re.findall(r'"type": ?"([a-z_]+)"', path.read_text())


async def test_every_block_that_slack_takes_is_drawn(easel: Page) -> None:
    """There is a sample of each type, Slack's rules take it, and the page draws it as itself."""
    assert set(BLOCKS) == set(limits._RULES)
    assert await known_to(easel, "/js/blocks/index.js", "BLOCKS") >= set(limits._RULES)
    for kind, block in BLOCKS.items():
        surface: Surface = "modal" if "message" not in limits._RULES[kind].surfaces else "message"
        assert not blocks_problems([block], surface), kind
        await draw(easel, block)
        assert await easel.locator(f".block-{kind}").count() == 1
        assert await easel.locator(".unknown").count() == 0


async def test_every_element_that_slack_takes_is_drawn(easel: Page) -> None:
    """Each button, menu, picker and input is drawn as itself, and has a name for screen readers."""
    assert await known_to(easel, "/js/elements/index.js", "ELEMENTS") >= set(elements._RULES)
    for kind in elements._RULES:
        block = around(element_of(kind))
        surface: Surface = "modal" if block["type"] == "input" else "message"
        assert not blocks_problems([block], surface), kind
        await draw(easel, block)
        assert await easel.locator(f".element-{kind}").count() == 1, kind
        assert await easel.locator(".unknown").count() == 0, kind


async def test_everything_that_the_bot_can_emit_is_known(easel: Page) -> None:
    """The types in the bot's own code and in its golden messages are all ones that are drawn."""
    texts = {"mrkdwn", "plain_text", "raw_text", "raw_number", "modal", "home", "message"}
    charts = {"bar", "line", "area", "pie"}
    runs = set(re.findall(r'case "([a-z_]+)"', (STATIC / "js/blocks/rich_text.js").read_text()))
    drawn = await known_to(easel, "/js/blocks/index.js", "BLOCKS")
    drawn |= await known_to(easel, "/js/elements/index.js", "ELEMENTS")
    emitted = {*literal_types(), *golden_types()}
    assert {"section", "header", "data_visualization", "data_table"} <= emitted
    assert emitted <= drawn | texts | charts | runs


async def test_golden_messages_are_drawn_whole(easel: Page) -> None:
    """No block of any golden message or view is dropped or unknown."""
    for path in sorted(GOLDEN.rglob("*.json")):
        content = json.loads(path.read_text())
        blocks = content["blocks"] if isinstance(content, dict) else content
        await draw(easel, *blocks)
        assert await easel.locator("main > .block").count() == len(blocks), path.name
        assert await easel.locator(".unknown").count() == 0, path.name


async def test_what_is_not_known_is_shown_as_such(easel: Page) -> None:
    """A block or element of a later Slack is named, with what is in it."""
    await draw(
        easel, {"type": "hologram", "depth": 3}, around(element_of("button") | {"type": "lever"})
    )
    text = await easel.locator("main").inner_text()
    assert "can't draw the block “hologram”" in text
    assert "can't draw the element “lever”" in text
    await easel.locator(".unknown summary").first.click()
    assert '"depth": 3' in await easel.locator("main").inner_text()


async def test_charts_give_their_figures_to_screen_readers(easel: Page) -> None:
    """Each kind of chart is a picture with a name, and next to it a table with every figure."""
    for kind in ("bar", "line", "area", "pie"):
        assert not blocks_problems([chart(kind)], "message")
        await draw(easel, chart(kind))
        assert await easel.get_by_role("img", name=f"A {kind}, {kind} chart").count() == 1
        assert await easel.locator("svg title").count() == 2
        cells = await easel.locator(".unseen td").all_inner_texts()
        assert cells == (["3", "1"] if kind == "pie" else ["4", "7"])


async def test_a_negative_bar_hangs_below_the_line(easel: Page) -> None:
    """A credit is drawn under zero, not above it and not as nothing."""
    block = chart("bar")
    series = [
        {"name": "x", "data": [{"label": "1 Nov", "value": 4}, {"label": "2 Nov", "value": -2}]}
    ]
    block["chart"] = block["chart"] | {"series": series}
    await draw(easel, block)
    boxes = [await bar.bounding_box() for bar in await easel.locator("svg rect").all()]
    assert boxes[0]
    assert boxes[1]
    assert boxes[1]["height"] > 5
    assert boxes[1]["y"] == pytest.approx(boxes[0]["y"] + boxes[0]["height"], abs=1)


async def test_tables_sort_by_value_and_turn_pages(easel: Page) -> None:
    """Ten is more than three: numbers are sorted as numbers, and the rest is a page further."""
    await draw(easel, BLOCKS["data_table"])
    names = easel.locator("tbody th")
    assert await names.all_inner_texts() == ["b", "c"]
    await easel.get_by_role("button", name="Used").click()
    assert await names.all_inner_texts() == ["a", "c"]
    assert await easel.locator("th[aria-sort=descending]").count() == 1
    await easel.get_by_role("button", name="Next rows").click()
    assert await names.all_inner_texts() == ["b"]


async def test_names_from_outside_stay_text(easel: Page) -> None:
    """Markup in a name is shown, not obeyed; an escaped mention is no mention, a bad link text."""
    hostile = "<script>alert(1)</script> &lt;!channel&gt; <javascript:alert(1)|press> &amp;amp;"
    await draw(easel, {"type": "section", "text": {"type": "mrkdwn", "text": hostile}})
    assert await easel.locator("main script, main a, main .ping").count() == 0
    text = await easel.locator("main").inner_text()
    assert "<!channel>" in text
    assert "press" in text
    assert "&amp;" in text


async def test_mrkdwn_is_drawn_as_slack_does(easel: Page) -> None:
    """Bold, code, quotes, links, dates; and what is literal inside code."""
    words = (
        "*bold* _since <!date^0^{date_short_pretty}|then>_ ~gone~ `*not bold*` "
        "<https://a.example|site>\n&gt; quoted\n```<raw>```"
    )
    await draw(easel, {"type": "section", "text": {"type": "mrkdwn", "text": words}})
    for tag, text in [
        ("strong", "bold"),
        ("em", "since 1 Jan 1970"),
        ("s", "gone"),
        ("code", "*not bold*"),
    ]:
        assert await easel.locator(f"main {tag}").inner_text() == text
    assert await easel.locator("main a").get_attribute("href") == "https://a.example"
    assert await easel.locator("main blockquote").inner_text() == "quoted"
    assert await easel.locator("main pre").inner_text() == "<raw>"


async def test_a_menu_opens_walks_and_closes_by_keyboard(easel: Page) -> None:
    """The ⋯ menu needs no mouse: open, down, press; Escape closes it and goes back."""
    await draw(easel, around(element_of("overflow")))
    opener = easel.get_by_role("button", name="More actions")
    await opener.focus()
    await easel.keyboard.press("Enter")
    await easel.keyboard.press("ArrowDown")
    await easel.keyboard.press("Enter")
    assert await easel.evaluate("window.pressed") == ["2"]
    await easel.keyboard.press("Enter")
    await easel.keyboard.press("Escape")
    assert await opener.get_attribute("aria-expanded") == "false"
    assert await easel.evaluate("document.activeElement.ariaLabel") == "More actions"


async def test_the_shortcuts_are_those_of_the_manifest() -> None:
    """The page offers what an installed app would."""
    shortcuts = yaml.safe_load(MANIFEST)["features"]["shortcuts"]
    assert [(s["name"], s["callback_id"], s["type"]) for s in shortcuts] == list(SHORTCUTS)


async def test_the_samples_are_views_slack_would_take() -> None:
    """The inputs together make a modal that Slack's rules take."""
    inputs = [around(element_of(kind)) for kind in sorted(elements.INPUT_ELEMENTS)]
    blocks = [block for block in inputs if block["type"] == "input"]
    view = {"type": "modal", "title": PLAIN, "submit": PLAIN, "blocks": blocks}
    assert not view_problems(view)
