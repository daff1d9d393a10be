"""A page → PDF, printed by the Chromium of the machine where there is one; its look is the page's
print style: A4, title and page numbers in the margin, tagged, in the language of the page."""

import os
import re
import shutil
import subprocess

from analysis.language.messages import tell
from analysis.storage import scratch

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "chrome",
    "msedge",
)
VARIABLE = "CHROMIUM"
"""Environment variable that names the browser, if it is none of :data:`NAMES`."""

SECONDS = 120

_QUIET = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_STAMP = re.compile(rb"\(D:\d{14}")


class PrintError(Exception):
    """There is no browser, or it did not print; the message says what to do or what it said."""


def browser() -> str | None:
    """Path of the Chromium to print with; None where there is none."""
    named = os.environ.get(VARIABLE)
    return next(filter(None, map(shutil.which, [named] if named else NAMES)), None)


def options() -> list[str]:
    """How a Chromium is started that does nothing but show a page."""
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0  # whom its sandbox refuses
    return [*_QUIET, *(["--no-sandbox"] if as_root else [])]


def needed() -> str:
    """Path of the Chromium to print with.

    Raises
    ------
    PrintError
        where there is none, with what to do.
    """
    found = browser()
    if found is None:
        raise PrintError(
            tell(
                "no browser to print a PDF with: install Chromium (Debian: package chromium) or "
                "set {variable}=/path/to/chromium",
                variable=VARIABLE,
            )
        )
    return found


def printed(html: str, when: str = "") -> bytes:
    """The page as PDF.

    ``when``: what it says of the time of printing (14 digits, UTC), instead of the true one.

    Raises
    ------
    PrintError
    """
    program = needed()
    with scratch.folder() as folder:
        page, target = folder / "page.html", folder / "page.pdf"
        page.write_bytes(html.encode("utf-8", errors="replace"))
        command = [program, *options(), f"--user-data-dir={folder}/profile"]
        command += ["--no-pdf-header-footer", f"--print-to-pdf={target}", page.as_uri()]
        try:
            done = subprocess.run(command, capture_output=True, timeout=SECONDS)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise PrintError(tell("the browser did not print: {error}", error=error)) from error
        if not target.exists():
            said = done.stderr.decode(errors="replace").strip()[-500:]
            raise PrintError(tell("the browser did not print: {said}", said=said))
        data = target.read_bytes()
    return _STAMP.sub(b"(D:" + when.encode(), data) if when else data
