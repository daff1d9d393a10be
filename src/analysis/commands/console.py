"""What is said on a console: whatever that can show or take, the work and its exit status stay."""

import codecs
import io
import os
import sys

from analysis.language.words import unaccented

LEGIBLE = "legible"
"""How text is written where the encoding lacks letters of it (an error handler of codecs)."""

_SIGNS = str.maketrans({"→": "->", "–": "-", "−": "-", "“": '"', "”": '"', "’": "'"})


def patient() -> None:
    """Have standard output and error take everything: what they cannot show is written otherwise,
    what they do not take is lost.

    A console may be in an old encoding (cp1258), closed, on a full disk, or a pipe whose reader has
    gone; and where it is closed, the next file that is opened would be in its place, for this
    process and for those that it starts.
    """
    codecs.register_error(LEGIBLE, legible)
    for number in range(3):
        _fill(number)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))
        else:
            setattr(sys, name, taking_all(stream))


def in_unicode() -> None:
    """Start this process anew in Python's UTF-8 mode, if names of files are in another encoding:
    an office's file, or its copy, could not be written under its name.

    Only where the locale is old or none, and the mode was turned off; the console keeps its own.
    """
    if sys.getfilesystemencoding() == "utf-8" or os.environ.get("PYTHONUTF8") == "1":
        return
    told = {"PYTHONIOENCODING": sys.stdout.encoding} if sys.stdout else {}
    os.execve(
        sys.executable,
        [sys.executable, *sys.orig_argv[1:]],
        {**told, **os.environ, "PYTHONUTF8": "1"},
    )


def taking_all(stream: io.TextIOWrapper) -> io.TextIOWrapper:
    """A stream in the encoding of ``stream`` and to the same place, at which no write fails."""
    raw = getattr(stream.buffer, "raw", stream.buffer)
    return io.TextIOWrapper(
        io.BufferedWriter(_Patient(raw)),
        encoding=stream.encoding,
        errors=LEGIBLE,
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


class _Patient(io.RawIOBase):
    def __init__(self, raw: io.RawIOBase) -> None:
        self._raw = raw

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._raw.fileno()

    def isatty(self) -> bool:
        return self._raw.isatty()

    def write(self, data: memoryview) -> int:
        try:
            return self._raw.write(data) or len(data)
        except (OSError, ValueError):
            return len(data)


def legible(error: UnicodeError) -> tuple[str, int]:
    """Letters without their accents, signs in those of a typewriter, else a question mark.

    >>> codecs.register_error("legible", legible)
    >>> "Tệp… → Đắk Lắk ❌".encode("ascii", "legible").decode()
    'Tep... -> Dak Lak ?'
    """
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lost = error.object[error.start : error.end]
    return "".join(map(_typed, lost)), error.end


def _typed(letter: str) -> str:
    text = unaccented(letter.translate(_SIGNS))
    return text if text.isascii() and text.isprintable() else "?"


def _fill(number: int) -> None:
    """Have something open under the number of a stream of every process."""
    try:
        os.fstat(number)
    except OSError:
        opened = os.open(os.devnull, os.O_RDWR)
        if opened != number:
            os.dup2(opened, number)
            os.close(opened)
        os.set_inheritable(number, True)
