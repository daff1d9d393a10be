"""The page of methods and terms above all sites: how each indicator is computed, and from which
form, out of the catalogue; words and chapters, out of the documentation. Each has an anchor of its
own, to which pages lead.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from markupsafe import Markup

from analysis.catalogue import frameworks
from analysis.catalogue.catalogue import Catalogue
from analysis.catalogue.reader import CatalogueError
from analysis.display import narrative
from analysis.language.languages import SOURCE, as_written, choose, current, say
from analysis.language.words import short
from analysis.project import SOFTWARE
from analysis.render import report
from analysis.storage import clock
from analysis.topics import commitments
from analysis.topics.results import measured

FILE = "method.html"
TITLE = "Phương pháp và thuật ngữ"

DOCS = SOFTWARE / "docs"
"""The documentation belongs to the software, as templates do."""

_ROW = re.compile(r"(?<!\\)\|")
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_NOT_PLAIN = re.compile(r"[^a-z0-9]+")
_DIRECTION = {1: "càng cao càng tốt", -1: "càng thấp càng tốt"}
_EVERY = {"M": "tháng", "Q": "quý", "S": "nửa năm", "A": "năm"}


@dataclass(frozen=True)
class Term:
    """A word of the glossary. ``said``: its names in the language of the page; ``other``: in the
    other one; ``meant``: what it is; ``linked``: what of its names is a link on pages."""

    anchor: str
    said: str
    other: str
    meant: str
    source: str
    linked: Sequence[str]


def indicator(framework: str, code: str) -> str:
    """The anchor of an indicator; those below of a framework, of a form."""
    return f"i-{framework}-{code}"


def framework(code: str) -> str:
    return f"framework-{code}"


def form(code: str) -> str:
    return f"form-{code}"


def html(
    catalogue: Catalogue, context: report.Context, sites: Mapping[str, Mapping | None]
) -> bytes:
    """The page in the language in use.

    ``sites``: folder → receipt of each that is built (:func:`analysis.site.home.receipts`); what
    they have on a framework is named with it.
    """
    page = report.shell(say(TITLE), context, FILE)
    page["trail"] = [{"href": "index.html", "text": say("Các kỳ")}]
    return report.encoded(
        report.rendered(
            "method.html.j2",
            page,
            frameworks=[_framework(catalogue, c, _used(sites, c)) for c in _ordered(catalogue)],
            forms=[_form(catalogue, c, f) for c, f in catalogue.forms.items()],
            terms=terms(),
            chapters=chapters(),
        )
    )


def searched(catalogue: Catalogue) -> list[list]:
    """What the page holds, for the search (:func:`analysis.site.site_search.entries`)."""
    rows = [
        [FILE, say(TITLE), say("Cách tính từng chỉ tiêu; biểu; từ ngữ; chương phương pháp"), ""]
    ]
    sections = [[f"chapter-{c['number']}", c["title"]] for c in chapters()]
    sections += [[t.anchor, t.said] for t in terms()]
    found = [[*rows[0], sections]]
    for code in _ordered(catalogue):
        held = _now(catalogue.frameworks[code])
        about = say("Cách tính · {framework}", framework=choose(held["title"]))
        for own, described in held["indicators"].items():
            names = "|".join([own, *described["name"].values()])
            href = f"{FILE}#{indicator(code, own)}"
            found.append([href, choose(described["name"]), about, names, []])
    return found


def _ordered(catalogue: Catalogue) -> list[str]:
    """The frameworks: those that the plan asks for as it does, then the others."""
    asked = [code for system in catalogue.systems for code in system.get("frameworks", ())]
    return list(dict.fromkeys([*asked, *catalogue.frameworks]))


def _used(sites: Mapping[str, Mapping | None], code: str) -> list[dict]:
    """The pages that are about a framework, site by site."""
    return [
        {"href": f"{folder}/{page['output']}", "text": f"{page['title']} ({site['title']})"}
        for folder, site in sites.items()
        if site
        for page in site["pages"]
        if isinstance(asked := page.get("parameters"), dict) and asked.get("framework") == code
    ]


def _now(stated: dict) -> dict:
    """A framework as it holds today, or as it will where some of it does not hold yet."""
    try:
        return frameworks.on_day(stated, clock.built().date())
    except CatalogueError:
        return frameworks.on_day(stated, date.max)


def _framework(catalogue: Catalogue, code: str, used: list[dict]) -> dict:
    stated = catalogue.frameworks[code]
    held = _now(stated)
    items = {
        item: (choose(described["name"]), own)
        for own, described_form in catalogue.forms.items()
        for item, described in described_form["items"].items()
    }
    asked = catalogue.targets[catalogue.targets["framework"] == code].sort_values("due")
    told = commitments.worded(asked)
    return {
        "anchor": framework(code),
        "title": choose(held["title"]),
        "basis": narrative.basis(held),
        "certainty": say(narrative.CERTAINTY[held["certainty"]]),
        "source": choose(held.get("source")),
        "used": used,
        "indicators": [
            _indicator(held, stated, own, items, told[told["indicator"] == own])
            for own in held["indicators"]
        ],
    }


def _indicator(held: dict, stated: dict, own: str, items: Mapping, asked) -> dict:
    described = held["indicators"][own]
    dated = stated["indicators"][own]["name"]
    before = [] if "vi" in dated else [choose(n) for n in dated.values()]
    name = choose(described["name"])
    return {
        "anchor": indicator(held["framework"], own),
        "name": name,
        "lines": [(head, text) for head, text in _lines(held, described, items) if text],
        "parts": _parts(described["formula"], items),
        "before": sorted(set(before) - {name}),
        "targets": [
            {"text": t.wanted, "by": t.by, "basis": t.basis, "certainty": t.certainty_text}
            for t in asked.itertuples()
        ],
    }


_MEASURE = {
    "percent": "phần trăm",
    "points": "điểm",
    "days": "ngày",
    "hours": "giờ",
    "vnd": "đồng",
    "count": "số lượng",
}


def _lines(held: dict, described: dict, items: Mapping) -> Iterator[tuple[str, str]]:
    """What is said of an indicator besides what it is made of."""
    yield say("Số"), str(described.get("number", ""))
    yield say("Định nghĩa"), choose(described.get("definition"))
    yield say("Nhóm"), choose(held["dimensions"][described["dimension"]]["name"])
    yield say("Đơn vị tính"), say(_MEASURE[described["unit_measure"]])
    yield say("Chiều"), say(_DIRECTION[described["direction"]])
    points = described.get("points", {})
    if points.get("max") is not None:
        full = points.get("full_mark_at")
        text = say("tối đa {max}", max=short(points["max"]))
        if full is not None:
            reached = measured(full, described["unit_measure"])
            text = say("{text}, đạt từ {full}", text=text, full=reached)
        yield say("Điểm"), text
    if described.get("legal_basis"):
        yield say("Căn cứ"), as_written(described["legal_basis"])
    yield say("Mức chắc chắn"), say(narrative.CERTAINTY[described["certainty"]])
    yield say("Ghi chú"), choose(described.get("note"))


def _parts(formula: Mapping, items: Mapping[str, tuple[str, str]]) -> list[dict]:
    """The items that a formula names, by their part in it, each with the anchor of its form."""
    heads = {
        "numerator": say("Tử số"),
        "denominator": say("Mẫu số"),
        "before": say("Trước"),
        "after": say("Sau"),
    }
    made = {**formula.get("ratio", {}), **formula.get("change", {})}
    if "value" in formula:
        made = {"value": [formula["value"]]}
    heads["value"] = say("Giá trị như nguồn nêu")
    return [
        {
            "head": heads.get(part, part),
            "items": [
                {"text": items[i][0], "href": f"#{form(items[i][1])}"}
                if i in items
                else {"text": i}
                for i in ([named] if isinstance(named, str) else named)
            ],
        }
        for part, named in made.items()
    ]


def _form(catalogue: Catalogue, code: str, described: dict) -> dict:
    feeds = [
        (name, own)
        for name, held in catalogue.frameworks.items()
        for own, indicator_ in held["indicators"].items()
        if set(frameworks.items_named(indicator_["formula"])) & set(described["items"])
    ]
    on = {name: _now(catalogue.frameworks[name]) for name, _ in feeds}
    return {
        "anchor": form(code),
        "title": choose(described["title"]),
        "number": as_written(described.get("number", "")) or say("Biểu {code}", code=code),
        "basis": as_written(described["legal_basis"]),
        "certainty": say(narrative.CERTAINTY[described["certainty"]]),
        "every": ", ".join(say(_EVERY[f]) for f in described.get("frequency", ()) if f in _EVERY),
        "feeds": [
            {"href": f"#{indicator(f, i)}", "text": choose(on[f]["indicators"][i]["name"])}
            for f, i in feeds
        ],
    }


def terms() -> list[Term]:
    """The words of the glossary, in its order."""
    vietnamese = current() == SOURCE
    found = []
    for english, own, meant, meant_vi, source in _glossary(DOCS / "glossary.md"):
        said, other = (own, english) if vietnamese else (english, own)
        anchor = "term-" + _NOT_PLAIN.sub("-", english.casefold()).strip("-")
        what = meant_vi if vietnamese else meant
        texts = map(_plain, (said, other, what, source))
        found.append(Term(anchor, *texts, tuple(map(_plain, _BOLD.findall(said)))))
    return found


def _plain(text: str) -> str:
    return re.sub(r"[`*]", "", text)


@cache
def _glossary(path: Path) -> list[tuple[str, ...]]:
    """Its rows: English, Vietnamese, what it is in both, source; none where there is no
    documentation."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    rows = [[c.strip() for c in _ROW.split(line)[1:-1]] for line in lines if line.startswith("|")]
    return [tuple(row) for row in rows[2:] if len(row) == 5]


@cache
def chapters() -> Sequence[dict]:
    """The chapters of the method as they are documented, in English: number, title, html."""
    from analysis.site import chapters_html  # with a parser of Markdown, when one is written

    found = []
    for path in sorted((DOCS / "method").glob("[0-9][0-9]-*.md")):
        head, _, text = path.read_text(encoding="utf-8").partition("\n")
        number = int(path.name[:2])
        title = re.sub(r"^# \d+\.\s*", "", head)
        found.append(
            {"number": number, "title": title, "html": Markup(chapters_html.written(text, number))}
        )
    return tuple(found)
