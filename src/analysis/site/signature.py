"""What every page of a period says of its standing: provisional, or which version was signed, by
whom, and how much has changed since."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from analysis.history import versions
from analysis.language.languages import say, say_many
from analysis.language.words import day, number
from analysis.period import Loaded
from analysis.project import Place
from analysis.site import menus
from analysis.topics import submissions

PART = "signature"
"""The part of a page that is written anew with the menus (``shell_head.html.j2``)."""

PAGE = "versions.html"
"""Where the versions and what differs from them are shown."""


@dataclass(frozen=True)
class Signature:
    """``text``: in a sentence, empty where nobody is to sign; ``entry``: the last version as a
    receipt holds it (version, signed_on, by, note, although, changes), None without one."""

    text: str = ""
    entry: dict | None = None


def of(loaded: Loaded) -> Signature:
    """The standing of a period. Of one as of a day, or whose figures are a source's and were sent
    by no unit, nothing is said until it is signed.

    Raises
    ------
    analysis.history.versions.VersionsError
    """
    if loaded.plan.known_on:
        return Signature()
    signed = versions.read(loaded.plan.code, Place(loaded.root))
    if not signed:
        provisional = submissions.sent_by_units(loaded.tables)
        return Signature(say("Số liệu tạm tính: kỳ này chưa được ký.") if provisional else "")
    last, changes = signed[-1], versions.since(signed[-1], loaded).changes
    return Signature(_told(last, len(changes)), entry(last, len(changes)))


def entry(version: versions.Version, changes: int) -> dict:
    """A version as a receipt holds it."""
    asked = ("by", "note", "although")
    told = {"version": version.number, "signed_on": version.on.isoformat(), "changes": changes}
    return told | {name: getattr(version, name) for name in asked}


def _told(last: versions.Version, changes: int) -> str:
    told = {"version": number(last.number), "day": day(last.on), "by": last.by}
    text = say("Bản {version}, ký ngày {day}, người ký: {by}.", **told)
    if changes:
        text = say_many(
            "Bản {version} + {n} thay đổi sau khi ký (ký ngày {day}, người ký: {by}).",
            changes,
            n=number(changes),
            **told,
        )
    if last.although:
        text += " " + say("Ký dù còn việc chưa xong: {reason}", reason=last.although)
    return text


def marked(text: str, up: str, there: bool, awaited: Sequence[str] = ()) -> Markup:
    """The sentence for a page, between its marks, and what of the page is ``awaited``: its first
    sentence, behind which the others are folded.

    ``up``: from the page to the folder of its site; ``there``: whether the page of versions is.
    """
    link = Markup(" <a href='{}'>{}</a>").format(up + PAGE, say("Các bản đã ký")) if there else ""
    paragraph = Markup("<p class='signature'>{}{}</p>")
    held = [paragraph.format(text, link)] if text else []
    first, rest = awaited[:1], awaited[1:]
    if rest:
        items = Markup("").join(Markup("<li>{}</li>").format(each) for each in rest)
        folded = Markup("<details class='signature'><summary>{}</summary><ul>{}</ul></details>")
        held += [folded.format(first[0], items)]
    elif first:
        held += [paragraph.format(first[0], "")]
    return menus.marked(PART, Markup("").join(held))
