"""Messages read on a terminal."""

from typing import Any

from bot.slack.text_renderer import mrkdwn_to_plain, plain_text


def chart(kind: str, series: list[tuple[str, list[float]]]) -> dict[str, Any]:
    """A native chart over two days."""
    days = ["1 Nov", "2 Nov"]
    return {
        "type": "data_visualization",
        "title": "Spend",
        "chart": {
            "type": kind,
            "series": [
                {
                    "name": name,
                    "data": [{"label": d, "value": v} for d, v in zip(days, values, strict=True)],
                }
                for name, values in series
            ],
            "axis_config": {"categories": days, "y_label": "US dollars"},
        },
    }


def test_marks_are_dropped_and_entities_unescaped() -> None:
    """What Slack would draw as bold, a link, a date or `<` reads as plain words."""
    assert (
        mrkdwn_to_plain(
            "*Used* &lt;b&gt; &amp;amp; <https://a.b|here> <!date^1^{date}|1 Jan> a_b_c `x*y*`"
        )
        == "Used <b> &amp; here (https://a.b) 1 Jan a_b_c x*y*"
    )


def test_mentions_read_as_names() -> None:
    """Mentions keep the name they carry, or their id."""
    assert mrkdwn_to_plain("<@U1|ann> <#C1|ops> <@U2> <!channel>") == "@ann #ops @U2 @channel"


def test_without_blocks_the_text_is_the_message() -> None:
    """A message of text alone reads as that text."""
    assert plain_text({"text": "*hi*"}) == "hi"


def test_blocks_read_in_order() -> None:
    """Header, section with fields, context and buttons come as lines."""
    said = plain_text(
        {
            "text": "unused",
            "blocks": [
                {"type": "header", "text": {"type": "plain_text", "text": "Spend"}},
                {
                    "type": "section",
                    "text": {"type": "mrkdwn", "text": "*all*"},
                    "fields": [{"type": "mrkdwn", "text": "*Used*\n$5.00"}],
                },
                {"type": "context", "elements": [{"type": "mrkdwn", "text": "_UTC_"}]},
                {
                    "type": "actions",
                    "elements": [{"type": "button", "text": {"text": "By model"}}],
                },
            ],
        }
    )
    assert said == "Spend\n─────\n\nall\nUsed: $5.00\n\nUTC\n\n[ By model ]"


def test_numbers_in_tables_stand_to_the_right() -> None:
    """A column of numbers is aligned by its last digit, and shows its text."""
    block = {
        "type": "data_table",
        "caption": "By model",
        "rows": [
            [{"type": "raw_text", "text": "Model"}, {"type": "raw_text", "text": "Used"}],
            [
                {"type": "raw_text", "text": "gpt-5"},
                {"type": "raw_number", "value": 1234.5, "text": "$1,234.50"},
            ],
        ],
    }
    assert plain_text({"blocks": [block]}) == ("By model:\nModel       Used\ngpt-5  $1,234.50")


def test_a_chart_is_rows_of_bars() -> None:
    """The longest bar is the largest value; half of it is half as long."""
    lines = plain_text({"blocks": [chart("bar", [("all", [5, 10])])]}).splitlines()
    assert lines[0] == "Spend (US dollars)"
    assert [line.count("█") for line in lines[1:]] == [15, 30]
    assert lines[2].startswith("2 Nov  10.00")


def test_several_series_name_each_bar() -> None:
    """With more than one series each row says whose it is; below zero is marked."""
    said = plain_text({"blocks": [chart("line", [("a", [1, 2]), ("b", [-1, 0])])]})
    assert "1 Nov  a" in said
    assert "b" in said
    assert "−█" in said


def test_a_pie_shows_shares() -> None:
    """Each segment has its value and its share."""
    pie = {
        "type": "data_visualization",
        "title": "Share",
        "chart": {
            "type": "pie",
            "segments": [{"label": "gpt-5", "value": 3}, {"label": "Other", "value": 1}],
        },
    }
    assert "gpt-5  3.00  75%" in plain_text({"blocks": [pie]})


def test_an_unknown_block_is_named() -> None:
    """A block that can't be drawn is shown as such, not dropped."""
    assert plain_text({"blocks": [{"type": "hologram"}]}) == "[hologram]"
