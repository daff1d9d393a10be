"""The menu of a page: the other pages of its period, by the plan's groups of tasks, and the same
page in other periods.

It stands between two marks of the shell (``shell_head.html.j2``) and is written anew whenever a
site gains or loses a page (:mod:`analysis.site.leads`), so that no notebook need run again.
"""

import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from analysis.language.languages import say

_BAR, OTHERS = "menus", "others"
"""Parts of a page that are written anew: its menus, and of these what leads to other periods."""

INDEX = "index"
"""What the index of every period is called."""


@dataclass(frozen=True)
class Entry:
    """Where a line of a menu leads, as seen from the folder of the site, and what it says."""

    href: str
    text: str


def same(sites: Mapping[str, Mapping | None], own: str, name: str) -> list[Entry]:
    """The page ``name`` in the other periods that have it, in the order of ``sites``: folder →
    receipt (:func:`analysis.site.home.receipts`), None where that is none of ours."""
    found = []
    for folder, receipt in sites.items():
        if receipt and folder != own and (output := outputs(receipt).get(name)):
            found.append(Entry(f"../{folder}/{output}", receipt["title"]))
    return found


def outputs(receipt: Mapping) -> dict[str, str]:
    """Name → address in its site of each page that a receipt names, and of the index."""
    return {page["name"]: page["output"] for page in receipt["pages"]} | {INDEX: receipt["index"]}


def menu(groups: Iterable[tuple[str, list[Entry]]], up: str, current: str) -> Markup:
    """The fold of a period's pages; ``current``: the address of the page it stands on."""
    lists = Markup("").join(
        Markup("<li><strong>{}</strong>{}</li>").format(title, _listed(entries, up, current))
        for title, entries in groups
    )
    if not lists:
        return Markup("")
    return _fold(say("Các trang của kỳ"), Markup("<ul class='groups'>{}</ul>").format(lists))


def others(entries: Sequence[Entry], up: str) -> Markup:
    """The fold of the same page in other periods, between marks; nothing between where there is
    none."""
    fold = _fold(say("Trang này ở kỳ khác"), _listed(entries, up)) if entries else ""
    return marked(OTHERS, fold)


def bar(page: str, *held: Markup) -> str:
    """The page with these in its bar of menus."""
    nav = Markup("<nav class='menus' aria-label='{}'>{}</nav>")
    filled = nav.format(say("Các trang"), Markup("").join(held))
    return replaced(page, _BAR, marked(_BAR, filled))


def link(href: str, text: str) -> Markup:
    return Markup("<a href='{}'>{}</a>").format(href, text)


def marked(part: str, text: str) -> Markup:
    """``text`` between the marks of a part of the page that is written anew."""
    return Markup(f"<!--{part}-->{text}<!--/{part}-->")


def replaced(page: str, part: str, text: Markup) -> str:
    """The page with ``text``, which has its marks, in the place of that part."""
    pattern = f"<!--{part}-->.*?<!--/{part}-->"
    return re.sub(pattern, lambda _: str(text), page, count=1, flags=re.S)


def up(name: str) -> str:
    """From a page of a site to its folder."""
    return "../" * name.count("/")


def here(name: str, href: str) -> str:
    """Where an address on the page ``name`` leads, as seen from the folder of the site."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), href))


def _fold(summary: str, held: Markup) -> Markup:
    fold = "<details class='menu'><summary>{}</summary>{}</details>"
    return Markup(fold).format(summary, held)


def _listed(entries: Iterable[Entry], up: str, current: str = "") -> Markup:
    return Markup("<ul>{}</ul>").format(Markup("").join(_line(e, up, current) for e in entries))


def _line(entry: Entry, up: str, current: str) -> Markup:
    mark = Markup(" aria-current='page'") if entry.href == current else ""
    href = escape(up + entry.href)
    return Markup("<li><a href='{}'{}>{}</a></li>").format(href, mark, entry.text)
