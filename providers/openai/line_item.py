"""The grammar of OpenAI's line items, as seen live in 2026; OpenAI documents none.

``[<surface> | ]<model>[ <modality>], <component>``, or a bare phrase for a service.
"""

from dataclasses import dataclass

_MODALITIES = frozenset({"text", "audio", "image", "video"})


@dataclass(frozen=True, slots=True)
class LineItem:
    """What a line item names."""

    model: str
    """With its date, as OpenAI writes it; the whole phrase where it names a service."""
    meter: str | None
    """``input``, ``cached input``, ``audio output`` …; None for a service."""


def read_line_item(line_item: str) -> LineItem:
    """Take a line item apart; what does not fit the grammar stays whole, and is never dropped."""
    thing, comma, component = line_item.rpartition(", ")
    model = thing.rpartition(" | ")[2]
    if not comma or not model.strip() or not component.strip():
        return LineItem(line_item, None)
    before, _, modality = model.rpartition(" ")
    if before and modality in _MODALITIES:
        return LineItem(before, f"{modality} {component}")
    return LineItem(model, component)
