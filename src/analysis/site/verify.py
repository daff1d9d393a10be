"""A site against its receipt: is every file as it was written, every input as it was read?

A receipt shows what went wrong by accident or behind the back of those who keep it. It does not
vouch for itself: who can change pages and receipt can make both agree.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis import project
from analysis.batch.pages import RECEIPT
from analysis.catalogue import catalogue as cat
from analysis.catalogue import periods
from analysis.language.messages import tell
from analysis.site import code_version
from analysis.storage import files


class NotASiteError(Exception):
    """The folder holds no receipt that can be read; the message says what is wrong."""


@dataclass(frozen=True)
class Checked:
    """What was found of a site.

    ``differences``: part (page, input, project), name, found (missing, changed, unknown);
    ``pages``, ``inputs``: how many files were compared; ``notes``: what could not be.
    """

    code: str
    differences: pd.DataFrame
    pages: int
    inputs: int
    notes: list[str]


def site(folder: Path, root: Path) -> Checked:
    """Compare the built site in ``folder``, of any language, or out of an archive, with its
    receipt, and what it was made from with the project ``root``.

    Raises
    ------
    NotASiteError
        where there is no receipt.
    """
    stated = _receipt(folder / RECEIPT)
    found = _compared("page", stated["written"], _lying(folder))
    inputs, notes = stated.get("inputs"), []
    code, _, day = stated["time_period"].partition("@")
    held = _inputs(code, root)
    if inputs and held and day:  # what arrived later does not concern it
        held = {name: digest for name, digest in held.items() if name in inputs}
    if inputs is None:
        notes.append(tell("the receipt names no inputs (public archive): not compared"))
    elif held is None:
        notes.append(tell("no inputs of {code} in {root}: not compared", code=code, root=root))
    else:
        found += _compared("input", inputs, held)
    if project.Place(root).catalogue.is_dir():
        then = {"catalogue": stated["catalogue_sha256"], "code": stated["code"]}
        now = {"catalogue": cat.load(root).sha256, "code": code_version.digest(root)}
        found += _compared("project", then, now)
    else:
        notes.append(tell("no project in {root}: catalogue and code not compared", root=root))
    # as objects: what somebody put there may have a name that is no text
    differences = pd.DataFrame(found, columns=["part", "name", "found"], dtype=object)
    compared = len(inputs) if inputs and held is not None else 0
    return Checked(stated["time_period"], differences, len(stated["written"]), compared, notes)


def _receipt(path: Path) -> dict:
    try:
        stated = json.loads(path.read_text(encoding="utf-8"))
        texts = [stated[k] for k in ("time_period", "catalogue_sha256", "code")]
        tables = [stated["written"], stated.get("inputs", {})]
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise NotASiteError(
            tell(
                "{path}: no receipt of a built site ({error!r}); name the folder of a period, "
                "like reports/2022-Q2, and run the period again if its receipt is older than "
                "this check",
                path=path,
                error=error,
            )
        ) from error
    if not all(isinstance(t, str) for t in texts) or not all(isinstance(t, dict) for t in tables):
        raise NotASiteError(tell("{path}: is not written as a receipt is", path=path))
    return stated


def _lying(folder: Path) -> dict[str, str]:
    """Every file of the site but its receipt, with its digest."""
    held = [p for p in folder.rglob("*") if p.is_file() or p.is_symlink()]
    names = {p.relative_to(folder).as_posix(): p for p in held}
    return {n: files.digest(p) for n, p in names.items() if n != RECEIPT}


def _inputs(code: str, root: Path) -> dict[str, str] | None:
    """Files of the period or edition as the project has them now; None where it has none."""
    place = project.Place(root)
    try:
        code = periods.parse(code).code  # editions are written like periods of a series
    except ValueError:  # nor does a receipt lead elsewhere
        return None
    held = [path for path in (place.submissions(code), place.survey(code)) if path.is_dir()]
    return files.digests(held[0]) if held else None


def _compared(part: str, then: dict[str, str], now: dict[str, str]) -> list[tuple[str, str, str]]:
    found = [
        (part, name, "missing" if name not in now else "changed")
        for name, digest in then.items()
        if now.get(name) != digest
    ]
    return sorted(found) + [(part, name, "unknown") for name in sorted(now.keys() - then.keys())]
