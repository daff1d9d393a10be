"""Whose a file is: folders are shared, and what the system refuses is told with who can help."""

import getpass
import os
from pathlib import Path

from analysis.language.messages import tell

_OPEN = 32, 33  # ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION of Windows


def me() -> str:
    """The user whose process this is."""
    try:
        return _named(os.getuid()) if hasattr(os, "getuid") else getpass.getuser()
    except (ImportError, KeyError, OSError):  # nothing says it
        return "?"


def owner(path: Path) -> str:
    """The user to whom a file or folder belongs; empty where the system does not say it."""
    try:
        return _named(os.lstat(path).st_uid) if hasattr(os, "getuid") else ""
    except OSError:
        return ""


def _named(number: int) -> str:
    """The name of a user, or the number of one whom this machine does not know."""
    import pwd

    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def refused(error: OSError) -> str:
    """What the system refused and of which file; where it was not allowed, who can allow it."""
    # of two names the second is the one that was to be replaced
    named = error.filename2 or error.filename
    if named is None or isinstance(named, int):
        return error.strerror or str(error)
    path = Path(os.fsdecode(named))
    why = f"{error.strerror or error} ({path})"
    if not isinstance(error, PermissionError):
        return why
    held = path if getattr(error, "winerror", None) in _OPEN else _in_the_way(path)
    whose, user = owner(held), me()
    if whose and whose != user:
        return f"{error.strerror if held == path else why}: " + tell(
            "{path} belongs to {owner}, and you are {user}. Ask {owner} to give it to a group of "
            "both of you (chmod -R g+rwX), and work with umask 002, both",
            path=held,
            owner=whose,
            user=user,
        )
    if not os.path.isfile(held):
        return why
    return f"{why}. {tell('Is it open in another program? Close it there')}"


def _in_the_way(path: Path) -> Path:
    """What does not let this process through: a folder on the way, the file, or the folder in which
    it is to be replaced; the file where nobody can say."""
    there = [p for p in (*reversed(path.parents), path) if os.path.lexists(p)]
    folders = [p for p in there if os.path.isdir(p)]
    closed = [p for p in folders if not os.access(p, os.R_OK | os.X_OK)]
    if closed or os.path.isfile(path) and not os.access(path, os.R_OK):
        return closed[0] if closed else path
    return path if not folders or os.access(folders[-1], os.W_OK) else folders[-1]
