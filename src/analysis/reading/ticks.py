"""Whether a box is ticked, by what was written into it."""

from analysis.language.words import fold, plain

_TICKED = {"x", "v", "co", "1", "true", "dung"}
_SIGNS = {"✓", "✔", "☑", "√", "■", "☒"}
_NOT_TICKED = {"", "0", "khong", "false", "sai", "☐", "□"}


def ticked(text: str) -> bool | None:
    """Whether ``text`` is a tick; None where it is neither that nor a way of saying no.

    >>> ticked("X"), ticked(""), ticked("3 giờ")
    (True, False, None)
    """
    written = plain(text)
    if written in _SIGNS or fold(written) in _TICKED:
        return True
    return False if written in _NOT_TICKED or fold(written) in _NOT_TICKED else None
