"""Tables as readers see them: heads and numbers in the language in use, everything escaped."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import pandas as pd
from markupsafe import Markup, escape

from analysis.display import palette, wordings
from analysis.display.resource import Shown, resource
from analysis.language.languages import SOURCE, current, say
from analysis.language.words import MISSING

NUM, _QUOTED = Markup(" class='num'"), Markup(" lang='vi'")
"""Attributes of cells of figures, and of text quoted in Vietnamese."""


def show(
    table: pd.DataFrame,
    heads: str | Mapping[str, str],
    formats: Mapping[str, str | Callable[[object], str]] | None = None,
    empty: str = "Không có dòng nào.",
    as_written: Collection[str] = (),
    quoting: Collection[str] = (),
    of: pd.DataFrame | None = None,
) -> Shown:
    """The columns of ``heads`` in that order, escaped; formatted columns are right-aligned.

    Heads and ``empty`` are Vietnamese and shown in the language in use.

    Parameters
    ----------
    heads
        Column → head that the reader sees; or a table of :mod:`analysis.display.wordings`, which
        has its formats too.
    formats
        Column → one of :data:`analysis.display.wordings.FORMATS`, or a function from value to text.
    empty
        What stands there when there is no row.
    as_written
        Columns quoted in Vietnamese whatever the language: what offices wrote, titles of laws.
    quoting
        Columns of sentences in which “…” is such a quotation.
    of
        What the rows were chosen from: where even that is empty, nothing has come yet, and "none"
        would say too much.

    >>> rows = pd.DataFrame({"name": ["<Bộ A>"], "score": [1234.5]})
    >>> html = show(rows, {"name": "Đơn vị", "score": "Điểm"}, {"score": "points"}).data
    >>> "<td>&lt;Bộ A&gt;</td><td class='num'>1.234,50</td>" in html
    True
    """
    if table.empty:
        known = of is None or len(of)
        told = say(empty) if known else say("Chưa có số liệu.")
        return Shown(Markup("<p class='note'>{}</p>").format(told))
    if isinstance(heads, str):
        heads, formats = wordings.columns(heads)
    formats = formats or {}
    write = dict.fromkeys(quoting, _quoted)
    write |= {c: f if callable(f) else wordings.FORMATS[f] for c, f in formats.items()}
    texts = {c: [write.get(c, _text)(v) for v in table[c]] for c in heads}
    said = {c: say(head) for c, head in heads.items()}
    kinds = {c: _kind(c, formats, as_written) for c in heads}
    alone = [n for n, c in enumerate([*heads][:2]) if c not in formats and _distinct(texts[c])]
    named = alone[0] if alone else 0  # "1 | Bộ A | …" is of Bộ A
    cells = [(said[c], NUM if c in formats else "", kinds[c], texts[c]) for c in heads]
    held = [(c, said[c], table[c].tolist(), texts[c], c in formats) for c in heads]
    return Shown(grid(cells, named), [resource(held)])


MOST_ABREAST = 3
"""So many columns stand side by side on a phone; of a table of more each row is a card there."""


def labels(heads: Sequence[str], named: int = 0) -> Markup:
    """The attribute of a table's frame with which its rows can be cards on a phone: its heads as
    variables of CSS, once and not in every cell, but that of the column that names a row
    (``named``, the first or the second)."""
    if len(heads) <= MOST_ABREAST:
        return Markup("")
    said = "".join(
        f"--h{n}:{palette.css_string(head)};" for n, head in enumerate(heads, 1) if n != named + 1
    )
    return Markup(' style="{}"').format(Markup(said))


def grid(columns: Iterable[tuple[str, Markup, Markup, Sequence[str]]], named: int = 0) -> Markup:
    """The markup of a table: of each column its head, the attributes of that and of its cells, and
    the texts of these; ``named``: number of the column that names a row."""
    columns = list(columns)
    heads, cells = Markup(""), []
    for head, of_head, of_cells, texts in columns:
        heads += Markup("<th{} scope='col'>{}</th>").format(of_head, head)
        cells.append([Markup("<td{}>{}</td>").format(of_cells, t) for t in texts])
    rows = Markup("").join(
        Markup("<tr>{}</tr>").format(Markup("").join(r)) for r in zip(*cells, strict=True)
    )
    frame = (
        "<div class='table-wrap' tabindex='0'{}><table class='data'><thead><tr>{}</tr></thead>"
        "<tbody>{}</tbody></table></div>"
    )
    return Markup(frame).format(labels([c[0] for c in columns], named), heads, rows)


def _distinct(texts: Sequence[str]) -> bool:
    return len(set(texts)) == len(texts)


def _kind(column: str, formats: Collection[str], as_written: Collection[str]) -> Markup:
    if column in formats:
        return NUM
    return _QUOTED if column in as_written and current() != SOURCE else Markup("")


def _text(value: object) -> str:
    if isinstance(value, Markup):  # only in columns of objects: pandas makes plain text of it
        return value
    return MISSING if pd.isna(value) else str(value)


def _quoted(value: object) -> str:
    text = _text(value)
    if current() == SOURCE:
        return text
    safe = str(escape(text))
    return Markup(re.sub("“(.*?)”", r"“<span lang='vi'>\1</span>”", safe, flags=re.DOTALL))
