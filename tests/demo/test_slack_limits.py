"""The simulated Slack refuses what Slack refuses."""

from typing import Any

import pytest

from simulators.slack.limits import blocks_problems, view_problems, view_too_large


def plain(text: str) -> dict[str, Any]:
    """A plain_text object."""
    return {"type": "plain_text", "text": text}


def section(text: str) -> dict[str, Any]:
    """A section of mrkdwn."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def button(n: int = 1, **more: Any) -> dict[str, Any]:
    """A button with an action id of its own."""
    return {"type": "button", "text": plain("Go"), "action_id": f"a{n}", **more}


def chart(categories: int = 2, series: int = 1, label: str = "d") -> dict[str, Any]:
    """A bar chart."""
    names = [f"{label}{i}" for i in range(categories)]
    return {
        "type": "data_visualization",
        "title": "T",
        "chart": {
            "type": "bar",
            "series": [
                {"name": f"s{i}", "data": [{"label": n, "value": 1.5} for n in names]}
                for i in range(series)
            ],
            "axis_config": {"categories": names},
        },
    }


def pie(*values: float) -> dict[str, Any]:
    """A pie chart."""
    segments = [{"label": f"s{i}", "value": value} for i, value in enumerate(values)]
    return {
        "type": "data_visualization",
        "title": "T",
        "chart": {"type": "pie", "segments": segments},
    }


def table(kind: str, rows: int, cells: int = 2, text: str = "x") -> dict[str, Any]:
    """A table or data_table."""
    block: dict[str, Any] = {
        "type": kind,
        "rows": [[{"type": "raw_text", "text": text}] * cells for _ in range(rows)],
    }
    return block | ({"caption": "C"} if kind == "data_table" else {})


TAKEN = [
    [section("x" * 3000)],
    [{"type": "header", "text": plain("x" * 150), "level": 2}],
    [{"type": "actions", "elements": [button(i) for i in range(25)]}],
    [{"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * 10}],
    [chart(20, 6), chart(), section("x")],
    [pie(1, 2, 3)],
    [table("data_table", 101, 20)],
    [table("table", 100)],
    [{"type": "markdown", "text": "x" * 6000}] * 2,
    [
        {
            "type": "section",
            "text": plain("t"),
            "accessory": {
                "type": "static_select",
                "action_id": "a",
                "placeholder": plain("Pick"),
                "options": [{"text": plain("o"), "value": str(i)} for i in range(100)],
                "initial_option": {"text": plain("o"), "value": "3"},
            },
        }
    ],
    [
        {
            "type": "rich_text",
            "elements": [
                {"type": "rich_text_section", "elements": [{"type": "text", "text": "hi"}]}
            ],
        }
    ],
]


@pytest.mark.parametrize("blocks", TAKEN)
def test_a_message_at_its_limits_is_taken(blocks: list[dict[str, Any]]) -> None:
    """What just fits raises no problem."""
    assert blocks_problems(blocks, "message") == []


REFUSED = [
    [section("x" * 3001)],
    [section("")],
    [{"type": "section"}],
    [{"type": "section", "fields": [plain("x")] * 11}],
    [{"type": "section", "fields": [plain("x" * 2001)]}],
    [{"type": "section", "text": plain("x"), "colour": "red"}],
    [{"type": "header", "text": plain("x" * 151)}],
    [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
    [{"type": "context", "elements": [plain("x")] * 11}],
    [{"type": "actions", "elements": [button(i) for i in range(26)]}],
    [{"type": "actions", "elements": [button(1), button(1)]}],
    [{"type": "actions", "elements": [button(text=plain("x" * 76))]}],
    [{"type": "actions", "elements": [button(value="x" * 2001)]}],
    [{"type": "actions", "elements": [button(style="green")]}],
    [{"type": "actions", "elements": [{"type": "plain_text_input", "action_id": "a"}]}],
    [{"type": "image", "image_url": "https://a.b/c.png"}],
    [{"type": "alert", "text": plain("x")}],
    [{"type": "hologram"}],
    [chart(21)],
    [chart(2, 7)],
    [chart(label="x" * 20)],
    [chart(), chart(), chart()],
    [pie(1, 0)],
    [pie(-1)],
    [pie(*[1] * 7)],
    [table("data_table", 102)],
    [table("data_table", 1)],
    [table("data_table", 2, 21)],
    [table("data_table", 2, text="")],
    [table("data_table", 10, 10, "x" * 101)],
    [table("data_table", 4, 2, "x" * 1000)] * 2,
    [table("table", 2)] * 2,
    [{"type": "markdown", "text": "x" * 6001}] * 2,
    [section("a") | {"block_id": "b"}, section("c") | {"block_id": "b"}],
]


@pytest.mark.parametrize("blocks", REFUSED)
def test_a_message_past_a_limit_is_refused(blocks: list[dict[str, Any]]) -> None:
    """One step past each limit is a problem."""
    assert blocks_problems(blocks, "message")


def test_a_missing_point_is_refused() -> None:
    """Every series has a value for every category."""
    block = chart(3)
    del block["chart"]["series"][0]["data"][1]
    assert "exactly one point per category" in blocks_problems([block], "message")[0].message


@pytest.mark.parametrize("block", [chart(), table("data_table", 2), table("table", 2)])
def test_charts_and_tables_are_for_messages(block: dict[str, Any]) -> None:
    """Neither Home tab nor modal shows them."""
    assert blocks_problems([block], "home")
    assert blocks_problems([block], "modal")


def modal(**more: Any) -> dict[str, Any]:
    """A modal with one input."""
    return {
        "type": "modal",
        "title": plain("Budget"),
        "submit": plain("Save"),
        "blocks": [
            {
                "type": "input",
                "block_id": "amount",
                "label": plain("Amount"),
                "element": {
                    "type": "number_input",
                    "action_id": "a",
                    "is_decimal_allowed": True,
                    "min_value": "0",
                },
            },
            {"type": "alert", "text": plain("x"), "level": "warning"},
        ],
        **more,
    }


def test_views_have_limits_of_their_own() -> None:
    """24 characters of title, a submit button next to inputs, 100 blocks, 3000 of metadata."""
    assert view_problems(modal()) == []
    assert view_problems(modal(title=plain("x" * 25)))
    assert view_problems(modal(submit=None))
    assert view_problems(modal(private_metadata="x" * 3001))
    assert view_problems({"type": "home", "blocks": [section("x")] * 100}) == []
    assert view_problems({"type": "home", "blocks": [section("x")] * 101})
    assert view_problems({"type": "home", "blocks": [], "title": plain("x")})


def test_a_view_of_a_quarter_megabyte_is_too_large() -> None:
    """The limit is on the JSON."""
    home = {"type": "home", "blocks": [section("x" * 3000)] * 90}
    assert view_too_large(home)
    assert not view_too_large(modal())


def test_a_problem_says_where() -> None:
    """The pointer leads to the value."""
    block = {"type": "actions", "elements": [button(), button(2, text=plain("x" * 76))]}
    (problem,) = blocks_problems([section("x"), block], "message")
    assert problem.pointer == "/blocks/1/elements/1/text/text"
