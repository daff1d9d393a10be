"""Indicators and forms of a period, by their names: what a reader looks for besides pages."""

from collections.abc import Iterator

from analysis.batch.pages import Result
from analysis.catalogue import frameworks
from analysis.language.languages import choose, say
from analysis.period import Loaded
from analysis.site.declared import INDEX


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
