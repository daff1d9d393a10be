"""What the pages of a site lead to: names on a page become links, and menus stand above it.

Pages are kept between runs, so this is done when a site is put together and not when a notebook is
run: what was put in before is taken out, and put in for the pages that there are now. A link of a
page itself whose page is not there (of a unit that is in no public archive) loses its address until
it is. Nothing but names that stand on the page already is put into a link, so what was escaped
there stays so.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from html import unescape
from pathlib import Path

from markupsafe import escape

from analysis.batch import incremental
from analysis.batch.pages import Batch, Page, Result
from analysis.language.languages import say
from analysis.render import report
from analysis.site import menus, method_page, signature
from analysis.site.named_things import METHOD, Name
from analysis.storage import files

_OURS = re.compile(r"<a class='to' href='[^']*'>(.*?)</a>", re.S)
# passed over whole: what is a link, or no text of the page
_WHOLE = "a|svg|script|style|pre|code|nav|figcaption|summary|button|select|h[1-6]|footer"
_TOKEN = re.compile(rf"<({_WHOLE})\b[^>]*>.*?</\1>|<[^>]*>|[^<]+", re.S)
_INSIDE = re.compile(r"<(/?)(td|li|p)\b([^>]*)>")
_PLAIN = re.compile(r"class=[\"'](?:source|files|banner|signature)\b")
_LINK = re.compile(
    r"<a\b(?P<before>[^>]*?)\s(?:data-)?href=(?P<quote>[\"'])(?P<href>.*?)(?P=quote)", re.S
)
_MAIN = re.compile(r"<main\b.*</main>", re.S)
_WORD = re.compile(r"\w[\w.]*\w|\w")
_CHAPTER = re.compile(r"METHOD\.md(?:, \w+ (\d+))?")


@dataclass(frozen=True)
class Leads:
    """What pages lead to, as seen from the folder of their site.

    ``names``: what is named on pages; ``there``: whether a file of the site is; ``groups``: the
    menu of the period; ``others``: from the name of a page to its like in other periods;
    ``signed``: the sentence of :mod:`analysis.site.signature`; ``awaits``: what a page says of
    forms that are not here yet.
    """

    names: Sequence[Name]
    there: Callable[[str], bool]
    groups: Sequence[tuple[str, list[menus.Entry]]]
    others: Callable[[str], list[menus.Entry]]
    signed: str = ""
    awaits: Callable[[Page], Sequence[str]] = lambda page: ()
    _by_first: dict = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in sorted(self.names, key=lambda n: -len(n.text)):
            text = str(escape(name.text))
            if first := _WORD.match(text):
                self._by_first.setdefault(first[0].casefold(), []).append((text, name))

    def page(
        self, html: str, name: str, called: str, framework: str = "", awaited: Sequence[str] = ()
    ) -> str:
        """A page of the site with its links and menus.

        ``name``: its path in the site; ``called``: what it is called in every period;
        ``framework``: what it is about, if it is about one; ``awaited``: what it says of forms that
        are not here yet.
        """
        up, body = menus.up(name), _Body(self, name, framework)
        shown, script, rest = html.partition("<script>")
        shown = _LINK.sub(body.address, _OURS.sub(r"\1", shown))
        shown = _MAIN.sub(lambda main: body.linked(main[0]), shown)
        stands = signature.marked(self.signed, up, self.there(signature.PAGE), awaited)
        shown = menus.replaced(shown, signature.PART, stands)
        return menus.bar(
            shown + script + rest,
            menus.menu(self.groups, up, name),
            menus.others(self.others(called), up),
            menus.link(up + METHOD, say(method_page.TITLE)),
        )

    def near(self, text: str, at: int, word: str) -> list[tuple[str, Name]]:
        """Which names the text has at ``at``, where a word begins; the longest first."""
        held = self._by_first.get(word.casefold(), ())
        return [(own, name) for own, name in held if _stands(text, at, own, name.any_case)]


def _stands(text: str, at: int, name: str, any_case: bool) -> bool:
    part, end = text[at : at + len(name)], at + len(name)
    same = part.casefold() == name.casefold() if any_case else part == name
    return same and not (text[end : end + 1].isalnum() or text[end : end + 1] == "_")


class _Body:
    """The text of one page, as it is linked."""

    def __init__(self, leads: Leads, name: str, framework: str) -> None:
        self._leads, self._name, self._framework = leads, name, framework
        self._up, self._said, self._known = menus.up(name), set(), {}

    def linked(self, html: str) -> str:
        parts, inside, plain = [], 0, 0
        for token in _TOKEN.finditer(html):
            text = token[0]
            if text[0] != "<" and inside > 0 and not plain:
                text = self._text(text)
            elif not token[1] and (tag := _INSIDE.match(text)):
                inside += -1 if tag[1] else 1
                if tag[2] == "p":
                    plain = not tag[1] and bool(_PLAIN.search(tag[3]))
            parts.append(text)
        return "".join(parts)

    def address(self, link: re.Match) -> str:
        """A link of the page itself: without its address where that is not there."""
        path = unescape(link["href"]).partition("#")[0]
        target = menus.here(self._name, path) if path else ""
        dead = target and not target.startswith("..") and not self._leads.there(target)
        mark = "data-" if dead else ""
        return f"<a{link['before']} {mark}href={link['quote']}{link['href']}{link['quote']}"

    def _text(self, text: str) -> str:
        if text not in self._known:
            said = len(self._said)
            made = self._made(text)
            if len(self._said) > said:  # a term is a link where it is first said
                return made
            self._known[text] = made
        return self._known[text]

    def _made(self, text: str) -> str:
        parts, at = [], 0
        for word in _WORD.finditer(text):
            if word.start() < at:
                continue
            end, href = self._chosen(text, word)
            parts.append(text[at : word.start()])
            said = text[word.start() : end]
            address = escape(self._up + href)
            parts.append(f"<a class='to' href='{address}'>{said}</a>" if href else said)
            at = end
        return "".join([*parts, text[at:]])

    def _chosen(self, text: str, word: re.Match) -> tuple[int, str]:
        """Where the longest name ends that begins at a word, and where it leads; of names that are
        alike that of the framework which the page is about. The word itself where none does."""
        if chapter := _CHAPTER.match(text, word.start()):
            return chapter.end(), METHOD + (f"#chapter-{chapter[1]}" if chapter[1] else "")
        held = self._leads.near(text, word.start(), word[0])
        held = [(own, n) for own, n in held if not n.alone or text.strip() == own]
        if not held:
            return word.end(), ""
        longest = [name for own, name in held if own == held[0][0]]
        name = next((n for n in longest if n.framework == self._framework), longest[0])
        end = word.start() + len(held[0][0])
        if name.href == self._name or name.href in self._said:
            return end, ""
        if name.once:
            self._said.add(name.href)
        return end, name.href


def put(
    shown: Sequence[Result], leads: Leads, folder: Path, lay: Callable[[Result, bytes], Result]
) -> list[Result]:
    """Give the pages in ``folder`` their links and menus; only those are written of which something
    is new.

    ``lay`` writes a page, and returns it with what was written.
    """
    made = []
    for result in shown:
        name = result.output.as_posix()
        if not (folder / name).exists():  # there was no room even for what went wrong
            made.append(result)
            continue
        html = (folder / name).read_bytes().decode("utf-8", "replace")
        about = result.page.parameters.get("framework", "")
        awaited = leads.awaits(result.page)
        linked = leads.page(html, name, result.page.name, about, awaited)
        made.append(result if linked == html else lay(result, report.encoded(linked)))
    return made


def in_site(shared: Batch) -> Callable[[Result, bytes], Result]:
    """Write into a site that is kept: by the records of its pages, which then hold what lies there.
    A page that somebody changed since stays as it is."""

    def lay(result: Result, data: bytes) -> Result:
        held, _ = shared.owned(result.page.name)
        name = result.output.as_posix()
        if not held.ours(name):
            return result
        held.write(name, data)
        path = shared.record(result.page)
        if record := incremental.load(path):
            replace(record, written=record.written | held.written).save(path)
        return replace(result, written=result.written | held.written)

    return lay


def in_archive(folder: Path) -> Callable[[Result, bytes], Result]:
    """Write into a folder that is packed and thrown away."""

    def lay(result: Result, data: bytes) -> Result:
        name = result.output.as_posix()
        files.write(folder / name, data)
        return replace(result, written=result.written | {name: files.sha256(folder / name)})

    return lay
