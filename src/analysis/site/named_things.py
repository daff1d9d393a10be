"""Units, indicators, forms and terms by their names: what a reader looks for besides pages, and
what a name that stands on a page leads to."""

from collections.abc import Iterator
from dataclasses import dataclass

from analysis.batch.pages import Result
from analysis.catalogue import frameworks
from analysis.language.languages import choose, say
from analysis.period import Loaded
from analysis.site import method_page
from analysis.site.declared import INDEX

METHOD = f"../{method_page.FILE}"
"""The page of methods and terms, as seen from the folder of a site."""

_SHORT = 3  # syllables; fewer may stand in any sentence and mean something else


@dataclass(frozen=True)
class Name:
    """What is named on pages, and where it leads, as seen from the folder of the site; nowhere if
    that is empty.

    ``framework``: of whose indicators it is one; ``alone``: only where nothing else stands beside
    it; ``once``: only where a page says it first; ``any_case``: also with other capitals.
    """

    text: str
    href: str
    framework: str = ""
    alone: bool = False
    once: bool = False
    any_case: bool = False


def on_pages(loaded: Loaded, results: list[Result]) -> list[Name]:
    """The names of a period's units, indicators, frameworks, forms."""
    built = {r.page.unit: r.output.as_posix() for r in results if r.page.unit}
    # one without a page leads nowhere: nor does another's name within its own
    found = [Name(name, built.get(code, "")) for code, name in loaded.names.items()]
    for code in loaded.plan.frameworks:
        held = frameworks.on_day(loaded.catalogue.frameworks[code], loaded.plan.end)
        found.append(_method(held["title"], method_page.framework(code)))
        found += [
            _method(indicator["name"], method_page.indicator(code, own), code)
            for own, indicator in held["indicators"].items()
        ]
    for code in loaded.plan.forms:
        form, href = loaded.catalogue.forms[code], METHOD + "#" + method_page.form(code)
        found.append(_method(form["title"], method_page.form(code)))
        numbers = {str(form.get("number", "")), code} - {""}
        found += [Name(number, href, alone=True) for number in sorted(numbers)]
    return found


def _method(pair: dict, anchor: str, framework: str = "") -> Name:
    text = choose(pair)
    short = len(text.split()) < _SHORT
    return Name(text, f"{METHOD}#{anchor}", framework, alone=short)


def terms() -> list[Name]:
    """The words of the glossary, each a link where a page says it first."""
    return [
        Name(word, f"{METHOD}#{term.anchor}", once=True, any_case=True)
        for term in method_page.terms()
        for word in term.linked
    ]


def of_period(loaded: Loaded, results: list[Result]) -> list[dict]:
    """Each with href (the first page on its framework, or on it; else the index), name, said and
    aliases (more names, "|" between them)."""
    national = [r for r in results if r.page.unit is None]
    return [*_indicators(loaded, national), *_forms(loaded, national)]


def _indicators(loaded: Loaded, national: list[Result]) -> Iterator[dict]:
    for code in loaded.plan.frameworks:
        framework = frameworks.on_day(loaded.catalogue.frameworks[code], loaded.plan.end)
        pages = [r for r in national if r.page.parameters.get("framework") == code]
        for own, indicator in framework["indicators"].items():
            yield {
                "href": _first(pages),
                "name": choose(indicator["name"]),
                "said": say("Chỉ tiêu · {framework}", framework=choose(framework["title"])),
                "aliases": "|".join([own, str(indicator.get("number", "")), *_other(indicator)]),
            }


def _other(indicator: dict) -> list[str]:
    """Its names in both languages, and how it is defined."""
    return [*indicator["name"].values(), choose(indicator.get("definition"))]


def _forms(loaded: Loaded, national: list[Result]) -> Iterator[dict]:
    for code in loaded.plan.forms:
        form = loaded.catalogue.forms[code]
        titled = choose(form["title"])
        yield {
            "href": _first([r for r in national if r.page.code in (code, "submissions")]),
            "name": titled,
            "said": form.get("number") or say("Biểu {code}", code=code),
            "aliases": "|".join([code, str(form.get("number", "")), *form["title"].values()]),
        }


def _first(pages: list[Result]) -> str:
    return pages[0].output.as_posix() if pages else INDEX
