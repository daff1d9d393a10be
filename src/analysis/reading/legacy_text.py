"""Vietnamese text in the encoding before Unicode: found, converted where it is certain, or refused.

Workbooks of the 1990s and early 2000s hold TCVN3 ("ABC", TCVN 5712:1993, character set VN3): each
Vietnamese letter is one byte that a font draws, so that other programs show "Bé Tµi chÝnh" for
"Bộ Tài chính". No maintained Python library converts it; the table is that of the standard and
was compared, letter by letter, with the converter of the GNU C library. Capitals with a tone mark
have no byte of their own: fonts with capitals only (".VnTimeH") draw the small letters large.
"""

import re
import unicodedata

import pandas as pd

from analysis.schema.tables import LOCATED

BYTES = "¡¢£¤¥¦§¨©ª«¬\xad®µ¶·¸¹»¼½¾ÆÇÈÉÊËÌÎÏÐÑÒÓÔÕÖ×ØÜÝÞßáâãäåæçèéêëìíîïñòóôõö÷øùúûüýþ"
LETTERS = "ĂÂÊÔƠƯĐăâêôơưđàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ"
"""The letters that TCVN3 can write besides ASCII."""

_FROM = str.maketrans(BYTES, LETTERS)
_TO = str.maketrans(LETTERS, BYTES)
_SIGNS = set("¡¢£¤¥¦§¨©«¬\xad®¶·¸¹»¼½¾×÷")  # what no language writes inside a word
_GAPS = re.compile(r"[\s!-/:-@\[-`{-~\d]+")
_BETWEEN = re.compile(rf"[^\W\d_][{''.join(_SIGNS - {chr(183)})}][^\W\d_]")
_LEAST = 5  # words: fewer are footnote signs or chance, not an encoding
_SOME = 0.2  # of the strange words: as many do not become words by chance


_NOTHING = LOCATED.of([])  # of most files; to make it takes longer than to look at one


def from_tcvn3(text: str) -> str:
    """Text stored as TCVN3 → Unicode; ASCII stays."""
    return text.translate(_FROM)


def to_tcvn3(text: str) -> str:
    """The way back, for what TCVN3 can write."""
    return unicodedata.normalize("NFC", text).translate(_TO)


def vocabulary(texts: list[str]) -> set[str]:
    """Words with Vietnamese letters, by which a conversion proves itself."""
    return {w for text in texts for w in _words(text) if not w.isascii()}


def _words(text: str) -> set[str]:
    return set(_GAPS.split(unicodedata.normalize("NFC", text).lower()))


def judge(texts: list[str], known: set[str]) -> tuple[str, int, int]:
    """Whether texts are ``unicode``, ``tcvn3`` or ``unknown``, with the evidence.

    Returns the verdict, the distinct words that hold signs, and how many of the words with bytes
    of TCVN3 are in ``known`` once converted. TCVN3 is certain where that is at least half of them,
    and more than twice as many as without conversion. Signs alone («quotes», ®, ¹) prove nothing:
    it is unknown where some of the strange words become known ones, or where there is no Vietnamese
    in Unicode and letters have signs between them.
    """
    tokens = {w for text in texts for w in _GAPS.split(text)}
    words = {w for w in tokens if set(w) & set(BYTES)}
    strange = {w for w in words if set(w) & _SIGNS and any(c.isascii() for c in w)}
    if len(strange) < _LEAST:
        return "unicode", len(strange), 0
    written = any(ord(c) > 255 and c.isalpha() for w in tokens for c in w)
    before = {w for w in words if w.lower() in known}
    after = {w for w in words if from_tcvn3(w).lower() in known}
    if not written and len(after) >= len(words) / 2 and len(after) > 2 * len(before):
        return "tcvn3", len(strange), len(after)
    between = sum(1 for w in strange if _BETWEEN.search(w)) >= _LEAST and not written
    mixed = len(strange & after) >= max(2, len(strange) * _SOME)
    return "unknown" if between or mixed else "unicode", len(strange), len(after)


def readable(cells: pd.DataFrame, known: set[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Cells with text as Unicode, and what was found out about each sheet.

    Returns
    -------
    cells (``raw_text`` converted on sheets that are TCVN3; sheets of unknown encoding left out),
    and schema.LOCATED: a row for each sheet concerned (``encoding_converted`` or
    ``encoding_unknown``), the latter followed by its cells.
    """
    findings, kept = [], []
    types = cells["raw_type"].tolist()
    if "file" in types:
        return cells, _NOTHING
    text = [t for t, kind in zip(cells["raw_text"].tolist(), types, strict=True) if kind == "text"]
    if judge(text, known)[0] == "unicode":  # no sheet has more strange words than the file
        return cells, _NOTHING
    for name, sheet in cells.groupby("source_sheet", sort=False):
        texts = sheet.loc[sheet["raw_type"] == "text", "raw_text"]
        verdict, strange, proven = judge(texts.tolist(), known)
        if verdict == "unicode":
            kept.append(sheet)
            continue
        at = {"source_file": sheet["source_file"].iloc[0], "source_sheet": name, "source_cell": ""}
        at |= {"row": 0, "column": 0, "raw_text": name, "raw_type": "file", "role": "file"}
        at["found"] = str(proven)
        if verdict == "tcvn3":
            findings.append(pd.DataFrame([at | {"rule": "encoding_converted"}]))
            kept.append(sheet.assign(raw_text=sheet["raw_text"].where(
                sheet["raw_type"] != "text", sheet["raw_text"].map(from_tcvn3))))  # fmt: skip
        else:
            at["found"] = str(strange)
            findings.append(pd.DataFrame([at | {"rule": "encoding_unknown"}]))
            findings.append(sheet.assign(role="other", rule=None, covered_by="encoding_unknown"))
    found = LOCATED.of(pd.concat(findings, ignore_index=True) if findings else [])
    return pd.concat(kept) if kept else cells.iloc[:0], found


def as_received(located: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Located cells with the text of the file again in ``raw_text``."""
    place = ["source_sheet", "source_cell"]
    text = cells.set_index(place)["raw_text"]
    own = pd.MultiIndex.from_frame(located[place])
    received = pd.Series(text.reindex(own).to_numpy(), index=located.index)
    cell = located["raw_type"].isin(["text", "number", "other"]) & received.notna()
    return located.assign(raw_text=located["raw_text"].mask(cell, received))
