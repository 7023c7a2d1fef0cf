"""Direct messages in the outbox are read as what they were written as."""

import json

import pytest

from bot.budgets.messages.undelivered import UNDELIVERED, Undelivered
from bot.home.direct_messages import DIRECT, DirectWords
from bot.home.messages.departures import OwnerLeftChannel, UserDeactivated

WRITTEN: list[DirectWords] = [
    Undelivered("A digest", "C1", "archived", "is_archived", digest_id=3),
    UserDeactivated("U1", (1,), (2,), 0),
    OwnerLeftChannel("C1", (1,), (2,)),
]


@pytest.mark.parametrize("words", WRITTEN, ids=lambda each: type(each).__name__)
def test_a_payload_is_read_as_it_was_written(words: DirectWords) -> None:
    """By its kind; one that an earlier version wrote without it, by its fields."""
    text = DIRECT.text(words)
    assert DIRECT.read(text) == words
    earlier = json.loads(text)
    assert earlier.pop("kind")
    assert DIRECT.read(json.dumps(earlier)) == words


def test_one_kind_is_never_read_as_another() -> None:
    """Both codecs write the kind."""
    text = UNDELIVERED.text(Undelivered("An alert", "C1", "refused", "no_such_thing"))
    assert json.loads(text)["kind"] == "undelivered"
    with pytest.raises(ValueError, match="kind"):
        DIRECT.read(text.replace('"undelivered"', '"something_else"'))
