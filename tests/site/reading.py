"""What a reader finds on a built page, for tests that hold it against what it was made from."""

import re
from html import unescape
from xml.etree import ElementTree as ET

import numpy as np

FIGURE = re.compile(r"<figure class=['\"]chart['\"].*?</figure>", re.S)
CAPTION = re.compile(r"<figcaption[^>]*><strong>(.*?)</strong>(.*?)</figcaption>", re.S)
_SVG = re.compile(r"<svg\b.*?</svg>", re.S)
_VALUE = re.compile(r"[−-]?\d{1,3}(?:\.\d{3})*(?:,\d+)?|[−-]?\d+(?:,\d+)?")
_TAG = re.compile(r"<[^>]+>")


def words(html: str) -> str:
    return " ".join(unescape(_TAG.sub(" ", html)).split())


def figures(html: str) -> list[tuple[str, str, list[list[str]]]]:
    """Of each picture its caption, what it draws, and the rows of its data, heads first."""
    found = []
    for figure in FIGURE.findall(html):
        caption = CAPTION.search(figure)
        rows = [
            [words(cell) for cell in re.findall(r"<t[hd]\b[^>]*>(.*?)</t[hd]>", row, re.S)]
            for row in re.findall(r"<tr>(.*?)</tr>", figure.partition("<details")[2], re.S)
        ]
        found.append((words(caption[1]), words(caption[2]), rows))
    return found


def value(text: str) -> float:
    """A figure as it is written; not a number where it is none."""
    text = re.sub(r"\s?%$", "", text.strip())
    if not _VALUE.fullmatch(text):
        return np.nan
    return float(text.replace(".", "").replace(",", ".").replace("−", "-"))


def drawings(html: str) -> list[ET.Element]:
    return [ET.fromstring(svg) for svg in _SVG.findall(html) if "viewBox" in svg[:4000]]


def crooked(drawing: ET.Element) -> list[list[str]]:
    """Ticks that do not stand where their words say, on a scale of equal steps or of powers."""
    placed = [
        (float(t.get("x")), float(t.get("y")), "".join(t.itertext()).strip())
        for t in drawing.iter()
        if t.tag.rpartition("}")[2] == "text" and t.get("x") and _is_tick(drawing, t)
    ]
    found = []
    for along, across in ((0, 1), (1, 0)):
        rows: dict[float, list] = {}
        for tick in placed:
            rows.setdefault(round(tick[across]), []).append((tick[along], tick[2]))
        for row in rows.values():
            found += [run for run in _runs(sorted(row), along) if _bent(run)]
    return [[word for _, word in run] for run in found]


def _is_tick(drawing: ET.Element, text: ET.Element) -> bool:
    """Numbers in the colour of axes."""
    if not np.isfinite(value("".join(text.itertext()))):
        return False
    sheet = "".join(s.text or "" for s in drawing.iter() if s.tag.rpartition("}")[2] == "style")
    looks = [text.get("style") or ""]
    for name in (text.get("class") or "").split():
        looks += re.findall(rf"\.{name}\{{([^}}]*)\}}", sheet)
    return any("fill:var(--c-soft" in look for look in looks)


def _runs(row: list, along: int) -> list[list]:
    """Parts of a row of ticks whose values rise to the right, or upwards, about as far apart from
    each other: one axis each."""
    sign, runs = (1 if along == 0 else -1), []
    for place, word in row:
        run = runs[-1] if runs else []
        rising = run and sign * value(word) > sign * value(run[-1][1])
        # on one axis nothing is ten times what stands before it, but for the first steps
        rising = rising and (len(run) < 2 or value(word) <= 12 * abs(value(run[-1][1])))
        if rising and (len(run) < 2 or place - run[-1][0] < 1.5 * (run[-1][0] - run[-2][0])):
            run.append((place, word))
        else:
            runs.append([(place, word)])
    return [run for run in runs if len(run) > 2]


def _bent(run: list) -> bool:
    place = np.array([p for p, _ in run])
    size = np.array([value(w) for _, w in run])
    scales = [size] + ([np.log(size)] if (size > 0).all() else [])
    return all(np.abs(np.polyval(np.polyfit(s, place, 1), s) - place).max() > 0.4 for s in scales)
