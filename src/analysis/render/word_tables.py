"""Widths of the columns of tables in Word documents, which readers other than Word do not work out
themselves: no word is broken, and long texts get the room that short ones leave."""

import html
import re

ABREAST = 70
"""Letters abreast on a page at the size of tables, in the widest face that may stand for the
catalogue's; a table that needs more is set in smaller ones."""
DENSE = {"Dense": 9, "Densest": 7.5}
"""Style of a table that is too wide → points of its letters."""
LONGEST = 60
"""Letters of a cell beyond which a longer one asks for no more room."""
PHRASE = 14
"""Letters that a longer text has at least, or it would be a word on each line."""
_BESIDE = 3  # letters' worth of space at the sides of a cell

_TABLE = re.compile(r"<table class=(['\"])data\1>(.*?)</table>", re.S)
_ROW = re.compile(r"<tr\b.*?</tr>", re.S)
_CELL = re.compile(r"<t[hd]\b[^>]*>(.*?)</t[hd]>", re.S)


def with_widths(page: str) -> str:
    """The HTML with the widths of its tables' columns; too wide a table has a style of
    :data:`DENSE`."""
    return _TABLE.sub(_with_widths, page)


def _with_widths(found: re.Match) -> str:
    rows = [_CELL.findall(row) for row in _ROW.findall(found[2])]
    columns = [[_plain(text) for text in column] for column in zip(*rows, strict=False)]
    if not columns:
        return found[0]
    parts = "".join(f"<col style='width:{w:.1f}%'>" for w in widths(columns))
    return f"<table class='data'{_style(columns)}><colgroup>{parts}</colgroup>{found[2]}</table>"


def _style(columns: list[list[str]]) -> str:
    least = sum(map(_least, columns))
    if least <= ABREAST:
        return ""
    dense, densest = DENSE
    fits = least <= ABREAST * 11 / DENSE[dense]
    return f" data-custom-style='{dense if fits else densest}'"


def widths(columns: list[list[str]]) -> list[float]:
    """Percent of the page for columns of texts, the head of each first: as their longest words
    need, the rest as their texts are long.

    >>> widths([["Chỉ tiêu", "Tỷ lệ hồ sơ nộp trực tuyến"], ["Số", "12,5"]])
    [90.0, 10.0]
    """
    least = [_least(texts) for texts in columns]
    wanted = [min(max(map(len, texts)), LONGEST) + _BESIDE for texts in columns]
    more = [max(w - n, 0) for w, n in zip(wanted, least, strict=True)]
    spare = max(ABREAST - sum(least), 0)
    share = spare / sum(more) if sum(more) else 0
    found = [n + share * m for n, m in zip(least, more, strict=True)]
    return [round(100 * w / sum(found), 1) for w in found]


def _plain(cell: str) -> str:
    return html.unescape(re.sub("<[^>]*>", "", cell)).strip()


def _least(texts: list[str]) -> int:
    words = max((len(word) for text in texts for word in text.split()), default=0)
    cells = max(map(len, texts[1:]), default=0)  # a head may stand in several lines
    return max(words, min(cells, PHRASE)) + _BESIDE
