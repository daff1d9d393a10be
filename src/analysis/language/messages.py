"""The language of the command line: Vietnamese, unless English is asked for.

What a user of commands reads is English in code; :func:`tell` gives it in the language of the
console, from ``locale/vi.po`` (English → Vietnamese). Pages have a language of their own
(:mod:`analysis.language.languages`), and neither changes the other.
"""

import os
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from analysis.language import languages

VARIABLE = "REFORM_MONITOR_MESSAGES"
"""Environment variable with the language, which processes that are started inherit."""

CODE = "en"
"""The language in which messages stand in code."""

FILE = languages.LOCALE / "vi.po"
_FIELD = re.compile(r"\{(\w*)[^{}]*\}")


def language() -> str:
    """Code of the language of the console."""
    asked = os.environ.get(VARIABLE, "")
    return asked if asked in languages.LANGUAGES else languages.SOURCE


@contextmanager
def using(code: str) -> Iterator[None]:
    """Speak this language on the console inside the block, in processes started there, too; an
    empty code leaves it as it is."""
    before = os.environ.get(VARIABLE)
    try:
        if code:
            os.environ[VARIABLE] = code
        yield
    finally:
        os.environ.pop(VARIABLE, None)
        if before is not None:
            os.environ[VARIABLE] = before


def tell(text: str, /, **values: object) -> str:
    """``text``, which is English, in the language of the console; ``{name}`` is replaced by values.

    What has no translation stays English.

    >>> with using("vi"):
    ...     tell("{path} is there already and stays as it is", path="a.yml")
    'a.yml đã có, được giữ nguyên'
    """
    if language() != CODE and text:
        text = languages.compiled(FILE).gettext(text)
    return text.format(**values) if values else text


def noted(text: str) -> str:
    """``text`` as it is: English that :func:`tell` is given elsewhere, so that it is listed."""
    return text


def recognised(text: str, templates: tuple[str, ...]) -> str:
    """What a library says, in the language of the console: the first of ``templates`` (as for
    :func:`tell`) of which it is made; as it is, if of none. What stands for a field is taken so,
    too.
    """
    for template in templates:
        parts = _FIELD.split(template)
        named = (f"(?P<{part}>.*)" if n % 2 else re.escape(part) for n, part in enumerate(parts))
        if held := re.fullmatch("".join(named), text, re.DOTALL):
            return tell(
                template, **{k: recognised(v, templates) for k, v in held.groupdict().items()}
            )
    return text


def of_both(text: str) -> str:
    """Of a text in both languages (``tiếng Việt / English``) the half in that of the console."""
    vi, _, en = text.partition(" / ")
    return en or vi if language() == CODE else vi


def spoken() -> AbstractContextManager[None]:
    """A block in which also what pages say is said in the language of the console."""
    return languages.using(language())


def duration(seconds: float) -> str:
    """Seconds as people say them: ``2 min 05 s``."""
    minutes, rest = divmod(round(seconds), 60)
    return tell("{m} min {s:02d} s", m=minutes, s=rest) if minutes else f"{rest} s"
