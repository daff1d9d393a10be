"""The language a page is written in: Vietnamese first, English on request.

Sentences and labels in code and notebooks are Vietnamese; :func:`say` gives them in the language in
use. Their English is in ``locale/en.po`` (``python -m tools translations`` brings it up to date),
that of indicators, units, forms and rules in the catalogue, as pairs and columns.
"""

import gettext
import io
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from markupsafe import Markup

LANGUAGES = {"vi": "Tiếng Việt", "en": "English"}
"""Code → how its readers call it; the first is what code and notebooks are written in."""

SOURCE = "vi"
LOCALE = Path(__file__).parent / "locale"

_session = SOURCE  # outside of all blocks, in every thread and cell of the process
_block: ContextVar[str] = ContextVar("language of the innermost block")


def use(code: str) -> None:
    """Write in this language from now on: inside a block of :func:`using` until it ends, else in
    this whole process (the kernel of a notebook, whatever thread a cell runs in).

    Raises
    ------
    ValueError
        for a language that is not one of :data:`LANGUAGES`.
    """
    global _session
    if code not in LANGUAGES:
        raise ValueError(f"lang must be one of {', '.join(LANGUAGES)}, not {code!r}")
    if _block.get(None):
        _block.set(code)
    else:
        _session = code


def current() -> str:
    """Code of the language in use."""
    return _block.get(_session)


@contextmanager
def using(code: str) -> Iterator[None]:
    """Write in this language inside the block, whatever other threads write in meanwhile."""
    before = _block.set(current())
    try:
        use(code)
        yield
    finally:
        _block.reset(before)


def say(text: str, /, **values: object) -> str:
    """``text`` in the language in use, with ``{name}`` replaced by ``values``.

    What has no translation stays Vietnamese. A value that is :class:`~markupsafe.Markup` makes the
    whole Markup, with all else escaped.

    >>> say("{n} đơn vị", n=3)
    '3 đơn vị'
    """
    return _filled(_messages(current()).gettext(text) if text else text, values)


def say_many(text: str, count: float, /, **values: object) -> str:
    """As :func:`say`, in the form that ``count`` asks for: English tells one from several.

    ``count`` is not filled in by itself: give it, written as a reader expects, among ``values``.

    >>> with using("en"):
    ...     for n in (1, 2):
    ...         say_many("{n} nhóm thay đổi trong phạm vi sai số mẫu", n, n=n)
    '1 group changed within sampling error'
    '2 groups changed within sampling error'
    """
    return _filled(_messages(current()).ngettext(text, text, int(count)), values)


def _filled(text: str, values: Mapping[str, object]) -> str:
    if not values:
        return text
    if any(isinstance(value, Markup) for value in values.values()):
        return Markup(text).format(**values)
    return text.format(**values)


def said(labels: Mapping) -> dict:
    """A mapping to Vietnamese labels, in the language in use."""
    return {key: say(label) for key, label in labels.items()}


def choose(pair: Mapping[str, str] | None, otherwise: str = "") -> str:
    """The text of a pair of the catalogue (``vi``, ``en``) in the language in use.

    >>> choose({"vi": "Tỉnh", "en": "Province"})
    'Tỉnh'
    """
    pair = pair or {}
    return pair.get(current()) or pair.get(SOURCE) or otherwise


def column(stem: str) -> str:
    """The column of a code list in the language in use.

    >>> column("name")
    'name_vi'
    """
    return f"{stem}_{current()}"


def as_written(text: str) -> str:
    """A Vietnamese text that is quoted, never translated: titles of laws, what offices wrote.

    On a page in another language it is marked as Vietnamese, for screen readers and translators.

    >>> with using("en"):
    ...     as_written("Nghị định 61")
    Markup("<span lang='vi'>Nghị định 61</span>")
    """
    if current() == SOURCE or not text:
        return text
    return Markup("<span lang='vi'>{}</span>").format(text)


def markdown(source: str) -> str:
    """A markdown cell in the language in use, paragraph by paragraph."""
    return "".join(say(part) for part in blocks(source))


def blocks(source: str) -> list[str]:
    """The paragraphs of a markdown cell and what stands between them, in order."""
    return re.split(r"(\n\s*\n)", source)


def path(code: str) -> Path | None:
    """Where the sentences of a language are; none for the language of the code."""
    return None if code == SOURCE else LOCALE / f"{code}.po"


def _messages(code: str) -> gettext.NullTranslations:
    return gettext.NullTranslations() if code == SOURCE else compiled(path(code))


@cache
def compiled(path: Path) -> gettext.GNUTranslations:
    """The translations of a file ``<language>.po``, ready to be looked up."""
    with open(path, "rb") as file:
        catalogue = read_po(file, locale=path.stem)
    made = io.BytesIO()
    write_mo(made, catalogue)
    made.seek(0)
    return gettext.GNUTranslations(made)
