"""The shell around every page: its variables, its policy, and pages that are no notebook.

No page names an address outside itself; its content-security policy forbids all of them.
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path, PurePosixPath

import jinja2
from markupsafe import Markup

from analysis.display import palette
from analysis.language.languages import LANGUAGES, SOURCE, choose, say, say_many
from analysis.project import PROJECT, SOFTWARE

_OWN = PROJECT / "reports" / "templates"
TEMPLATES = _OWN if _OWN.is_dir() else SOFTWARE / "reports" / "templates"
"""They belong to the software; a project that holds some has its own."""


@dataclass(frozen=True)
class Context:
    """What the shell around every page of a site says.

    ``files``: exports beside the page (href, text); ``document``: the look of Word exports;
    ``lang``: its language; ``languages``: all that the site is built in. For exports: ``notes`` on
    status and source, and of a page its ``question`` and ``address``. ``warning``: what stands
    above all else, or nothing; ``explorer``: the page of the site on which a reader asks, if any;
    ``pack``: the archive of open data beside the index.
    """

    period: str = ""
    period_title: str = ""
    synthetic: bool = False
    provenance: Sequence[str] = field(default_factory=tuple)
    files: Sequence[dict] = field(default_factory=tuple)
    document: dict = field(default_factory=dict)
    lang: str = SOURCE
    languages: Sequence[str] = (SOURCE,)
    notes: Sequence[str] = field(default_factory=tuple)
    question: str = ""
    address: str = ""
    warning: str = ""
    explorer: str = ""
    pack: str = ""


def policy(*scripts: str) -> str:
    """The page's content-security policy: nothing from outside, only the given inline scripts."""
    hashes = [
        f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'"
        for s in scripts
    ]
    return (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
        f"form-action 'none'; script-src {' '.join(hashes) or chr(39) + 'none' + chr(39)}"
    )


def shell(
    title: str, context: Context, name: str = "index.html", *, scripts: Sequence[str] = ()
) -> dict:
    """Variables of the page shell; ``name``: its path in its site, or in ``reports`` (the home)."""
    depth = name.count("/")
    up = "../" * depth
    trail = [{"href": f"{up}../index.html", "text": say("Các kỳ")}] if context.period else []
    if context.period and title != context.period_title:
        trail.append({"href": f"{up}index.html", "text": context.period_title})
    return {
        "title": title,
        "footer": palette.css_string(
            " · ".join(dict.fromkeys(filter(None, (title, context.period_title))))
        ),
        "policy": policy(*scripts),
        "scripts": [Markup(script) for script in scripts],
        "style": palette.css() + (TEMPLATES / "style.css").read_text(encoding="utf-8"),
        "trail": trail,
        "period": context.period_title if context.period else "",
        "synthetic": context.synthetic,
        "warning": context.warning,
        "provenance": list(context.provenance),
        "files": list(context.files),
        "pack": f"{up}{context.pack}" if context.pack else "",
        "receipt": f"{up}receipt.json" if context.period else "",
        "cite": _cited(title, context),
        "explorer": _explorer(context, up, name),
        "lang": context.lang,
        "others": _others(context, depth, name),
        "say": say,
    }


def _explorer(context: Context, up: str, name: str) -> str:
    """Where a reader asks; from the page of a unit with that unit chosen."""
    if not context.explorer:
        return ""
    unit = PurePosixPath(name).stem if name.startswith("units/") else ""
    return up + context.explorer + (f"#u={unit}" if unit else "")


def _cited(title: str, context: Context) -> str:
    """How to quote a page: who, which page of which period, version and day; synthetic says so."""
    if not context.period:
        return ""
    parts = [title, context.period_title, *context.provenance[1:]]
    parts += [say("dữ liệu minh họa, không phải số liệu thật")] if context.synthetic else []
    return f"Reform Monitor – {'; '.join(dict.fromkeys(parts))}."


def folder(lang: str) -> Path:
    """Where the sites of a language lie below ``reports``."""
    return Path() if lang == SOURCE else Path(lang)


def _others(context: Context, depth: int, name: str) -> list[dict]:
    """The same page in the other languages: href, lang, text."""
    up = "../" * (depth + bool(context.period) + len(folder(context.lang).parts))
    return [
        {
            "href": up + (folder(lang) / context.period / name).as_posix(),
            "lang": lang,
            "text": LANGUAGES[lang],
        }
        for lang in context.languages
        if lang != context.lang
    ]


@cache
def _pages() -> jinja2.Environment:
    loader = jinja2.FileSystemLoader([TEMPLATES, TEMPLATES / "reform"])
    environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True)
    environment.globals["say"] = say
    environment.globals["say_many"] = say_many
    environment.globals["choose"] = choose
    return environment


def rendered(template: str, page: dict, **variables: object) -> str:
    """A page that is no notebook (index, home, error card)."""
    page = {**page, "style": Markup(page["style"])}
    return _pages().get_template(template).render(page=page, **variables)


def encoded(text: str) -> bytes:
    """A page as it is written."""
    # "replace": half a surrogate pair, which a cell may print, must not cost the page
    return text.encode("utf-8", errors="replace")
