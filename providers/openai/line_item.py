"""The grammar of OpenAI's line items, as seen live in 2026; OpenAI documents none.

``[<surface> | ]<model>[ <modality>], <component>``, or a bare phrase for a service. It changes:
components have been seen as ``input`` and as ``input_tokens``, and with words added.
"""

from dataclasses import dataclass

from providers.hours import spelled, token_meter

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
    thing, _, component = (part.strip() for part in line_item.rpartition(","))
    if token_meter(component) is None and token_meter(thing) == spelled(thing):
        thing, component = component, thing
    model = thing.rpartition("|")[2].strip()
    if not model or not component:
        return LineItem(line_item, None)
    before, _, modality = model.rpartition(" ")
    if before and modality.lower() in _MODALITIES:
        return LineItem(before, f"{modality.lower()} {spelled(component)}")
    return LineItem(model, spelled(component))
