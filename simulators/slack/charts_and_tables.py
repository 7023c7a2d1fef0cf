"""Slack's rules for charts and tables: `data_visualization` (June 2026), `data_table` (May 2026),
`table` (August 2025) at docs.slack.dev.

If versions of the reference differ, the stricter rule applies here, so what passes is valid under
both.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from simulators.slack.checking import Place
from simulators.slack.elements import text_here

TABLE_CHARACTERS = 10_000
_LABEL = 20
_TITLE = 50


def chart(place: Place) -> None:
    """A `data_visualization` block."""
    if not place.keys("type title chart", "block_id"):
        return
    place.string("title", _TITLE)
    drawn = place.at("chart")
    if not isinstance(drawn.value, Mapping):
        drawn.wrong("must be an object", "invalid_type")
    elif drawn.value.get("type") == "pie":
        _pie(drawn)
    else:
        _axes(drawn)


def _pie(place: Place) -> None:
    place.keys("type segments")
    for segment in place.items("segments", 6):
        segment.keys("label value")
        segment.string("label", _LABEL)
        segment.number("value")
        if not _number(segment.value.get("value")) > 0:
            segment.wrong("a segment must be greater than 0")


def _axes(place: Place) -> None:
    place.one_of("type", "bar", "area", "line")
    if not place.keys("type series axis_config"):
        return
    axis = place.at("axis_config")
    if not axis.keys("categories", "x_label y_label"):
        return
    axis.string("x_label", _TITLE)
    axis.string("y_label", _TITLE)
    categories = [category.value for category in axis.items("categories", 20)]
    for i in range(len(categories)):
        if not isinstance(categories[i], str) or not 1 <= len(categories[i]) <= _LABEL:
            axis.at("categories").at(i).wrong(f"must be 1 to {_LABEL} characters", "too_long")
    _different(axis, categories, "categories")
    names = []
    for series in place.items("series", 6):
        if series.keys("name data"):
            series.string("name", _LABEL)
            names.append(series.value["name"])
            _points(series, categories)
    _different(place, names, "series names")


def _points(series: Place, categories: list[Any]) -> None:
    labels = []
    for point in series.items("data", 20):
        point.keys("label value")
        point.string("label", _LABEL)
        point.number("value")
        labels.append(point.value.get("label"))
    if sorted(map(str, labels)) != sorted(map(str, categories)):
        series.wrong("must have exactly one point per category")


def _different(place: Place, names: list[Any], what: str) -> None:
    if len(set(map(str, names))) != len(names):
        place.wrong(f"{what} must be unique", "duplicate")


def data_table(place: Place) -> None:
    """A `data_table` block: a header row and up to 100 more."""
    if not place.keys("type caption rows", "block_id page_size row_header_column_index"):
        return
    place.string("caption", 3000)
    size = place.value.get("page_size", 5)
    if not isinstance(size, int) or not 1 <= size <= 100:
        place.at("page_size").wrong("must be 1 to 100")
    _rows(place, most=101, least=2)
    rows = place.value["rows"]
    if isinstance(rows, list) and rows and isinstance(rows[0], list):
        for i, cell in enumerate(rows[0]):
            if not isinstance(cell, Mapping) or cell.get("type") != "raw_text":
                place.at("rows").at(0).at(i).wrong("a header cell must be raw_text")


def table(place: Place) -> None:
    """A `table` block."""
    if place.keys("type rows", "block_id column_settings"):
        _rows(place, most=100, least=1)


def _rows(place: Place, most: int, least: int) -> None:
    lengths = set()
    for row in place.items("rows", most, least):
        if not isinstance(row.value, list) or not 1 <= len(row.value) <= 20:
            row.wrong("must have 1 to 20 cells", "wrong_size")
            continue
        lengths.add(len(row.value))
        for i in range(len(row.value)):
            _cell(row.at(i))
    if len(lengths) > 1:
        place.wrong("all rows must have the same number of cells", "wrong_size")
    if characters([place.value]) > TABLE_CHARACTERS:
        place.wrong(f"must be no more than {TABLE_CHARACTERS} characters", "too_long")


def _cell(place: Place) -> None:
    kind = place.value.get("type") if isinstance(place.value, Mapping) else None
    if kind == "raw_text":
        if place.keys("type text"):
            place.string("text", TABLE_CHARACTERS)
    elif kind == "raw_number":
        if place.keys("type value", "text"):
            place.number("value")
            place.string("text", TABLE_CHARACTERS)
    elif kind == "rich_text":
        place.keys("type elements", "block_id")
    else:
        text_here(place, 0)


def characters(tables: Iterable[Mapping[str, Any]]) -> int:
    """The characters in the cells of these tables."""
    return sum(
        len(str(cell.get("text") or cell.get("value") or ""))
        for one in tables
        for row in (one.get("rows") if isinstance(one.get("rows"), list) else ()) or ()
        if isinstance(row, list)
        for cell in row
        if isinstance(cell, Mapping)
    )


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
