"""OpenAI's line items, as they were seen live."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.openai.mapper import LineItem, read_line_item


@pytest.mark.parametrize(
    ("line_item", "model", "meter"),
    [
        ("gpt-4o-mini-2024-07-18, input", "gpt-4o-mini-2024-07-18", "input"),
        ("gpt-4o-mini-2024-07-18, cached input", "gpt-4o-mini-2024-07-18", "cached input"),
        ("gpt-5.6-luna, cache writes", "gpt-5.6-luna", "cache writes"),
        ("text-embedding-3-small, input", "text-embedding-3-small", "input"),
        ("gpt-audio-mini-2025-12-15 audio, input", "gpt-audio-mini-2025-12-15", "audio input"),
        ("gpt-image-2-2026-04-21 image, output", "gpt-image-2-2026-04-21", "image output"),
        ("ft-gpt-4o-2024-08-06, input", "ft-gpt-4o-2024-08-06", "input"),
        ("evals | gpt-4o-mini-2024-07-18, input", "gpt-4o-mini-2024-07-18", "input"),
        ("assistants api | file search", "assistants api | file search", None),
        ("web search tool calls", "web search tool calls", None),
        (", input", ", input", None),
        ("audio, input", "audio", "input"),
        ("evals | , input", "evals | , input", None),
        ("gpt-6-astra, input_tokens", "gpt-6-astra", "input"),
        ("gpt-6-astra, Output_Tokens", "gpt-6-astra", "output"),
        ("gpt-6-astra, input cached tokens", "gpt-6-astra", "cached input"),
        ("gpt-6-astra, 12h cache writes", "gpt-6-astra", "12h cache writes"),
        ("gpt-6-astra,input", "gpt-6-astra", "input"),
        ("input_tokens, gpt-6-astra", "gpt-6-astra", "input"),
        ("gpt-audio Audio, output tokens", "gpt-audio", "audio output"),
        ("gpt-6-astra, deep thoughts", "gpt-6-astra", "deep thoughts"),
    ],
)
def test_line_items_are_taken_apart(line_item: str, model: str, meter: str | None) -> None:
    """The model keeps its date; a service keeps its whole phrase; nothing is dropped."""
    assert read_line_item(line_item) == LineItem(model, meter)


@given(st.text(min_size=1))
def test_no_line_item_is_lost(line_item: str) -> None:
    """Whatever OpenAI writes names something."""
    read = read_line_item(line_item)
    assert read.model
    assert read.model in line_item
