"""What a blank form checks by itself: cells of ours beside the figures, which are never data."""

from analysis.language.words import fold, plain
from analysis.reading.layouts.cells import cells_by_row

BESIDE = "TỰ KIỂM TRA (không ghi vào các cột này)"
"""The head over the columns of checks; each has a head of its own in the row below."""
READY = "Sẵn sàng gửi"
"""The name of the sheet that says whether the form can be sent."""
READY_TITLE = "ĐÃ SẴN SÀNG GỬI CHƯA?"
"""What stands in its first cell."""
RIGHT, WRONG, OPEN = "✓", "✗", "·"
"""How each check begins: it holds, it does not, there is nothing yet to check."""


def is_ready(name: str, cells: list[dict]) -> bool:
    """Whether a sheet is the one that says whether the form can be sent, and holds no figure."""
    first = next((r for r in cells if r["source_cell"] == "A1"), None)
    ours = fold(name) == fold(READY) and first and plain(first["raw_text"]) == READY_TITLE
    return bool(ours) and all(r["raw_type"] != "number" for r in cells)


def apart(cells: list[dict]) -> tuple[list[dict], list[dict]]:
    """The cells of a sheet without its columns of checks, and what stands in these as labels.

    Of these columns that alone is ours which reads like a check or is a formula without a result;
    whatever else somebody writes there is looked at as any cell.
    """
    head = next((r for r in cells if r["raw_text"].strip() == BESIDE), None)
    if head is None:
        return cells, []
    below = cells_by_row(cells).get(head["row"] + 1, {})
    last = head["column"]
    while last + 1 in below:
        last += 1
    own = {
        id(r)
        for r in cells
        if head["column"] <= r["column"] <= last and r["row"] >= head["row"] and _ours(r, head)
    }
    labels = [{**r, "role": "label"} for r in cells if id(r) in own]
    return [r for r in cells if id(r) not in own], labels


def _ours(r: dict, head: dict) -> bool:
    text = plain(r["raw_text"])
    if r["row"] <= head["row"] + 1:
        return r["raw_type"] == "text"
    if r["raw_type"] == "other":  # not calculated, or by a program that cannot
        return text.startswith(("=", "#", "Err:"))
    return text.startswith((RIGHT, WRONG, OPEN)) or text == ""
