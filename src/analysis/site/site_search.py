"""What a reader can search for from the index of a site: pages, their sections, units, indicators.

The list stands in the script of the page itself, since a page opened from disk may read no file.
"""

import json
import re
from collections.abc import Iterable
from html import unescape
from pathlib import Path

from analysis.render.report import TEMPLATES

FILE = "search.json"
"""Beside a site's index: its list, for the home page above."""

_SECTION = re.compile(r'<h2 id="([^"]+)">(.*?)<a class="anchor-link"', re.S)


def entries(
    folder: Path, national: Iterable[dict], groups: Iterable[dict], named: Iterable[dict] = ()
) -> list[list]:
    """What a site holds: each with href, title, what is said of it, more names ("|" between them),
    sections.

    Parameters
    ----------
    folder
        Where the pages lie.
    national, groups, named
        As of :func:`analysis.site.receipt.index`. Units without a page have no href.

    Returns
    -------
    Sections are pairs of anchor and heading, as they stand in the page.
    """
    pages = [
        [p["href"], p["title"], p["question"], "", sections(folder / p["href"])] for p in national
    ]
    units = [
        [u["href"], u["name"], f"{group['name']} · {u['value']}", u["aliases"], []]
        for group in groups
        for u in group["units"]
    ]
    return [*pages, *units, *([t["href"], t["name"], t["said"], t["aliases"], []] for t in named)]


def sections(page: Path) -> list[list[str]]:
    """Anchor and text of each heading that a built page has a permalink to."""
    text = page.read_bytes().decode("utf-8", "replace") if page.exists() else ""
    found = _SECTION.findall(text)
    return [[unescape(anchor), unescape(re.sub("<[^>]+>", "", text))] for anchor, text in found]


def script(sites: list[dict]) -> str:
    """The search script over sites: title, folder (with its slash), pages (:func:`entries`)."""
    return f"const sites = {literal(sites)};\n" + (TEMPLATES / "search.js").read_text("utf-8")


def literal(held: object) -> str:
    """What is held, as a value in a script of a page."""
    # "<" could end the script element, and the two separators a line of it
    text = json.dumps(held, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for letter in "<\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text
