"""Codes that become names of files: of pages, forms, copies that are sent back."""

from collections.abc import Collection, Iterator

from analysis.catalogue.reader import Reader
from analysis.language.messages import tell
from analysis.storage.files import portable, taken_twice


def faults(codes: Collection[str]) -> Iterator[tuple[str, str]]:
    """Each code that some system cannot write as the name of a file, or takes for another; and what
    is wrong with it."""
    for code in codes:
        if portable(code) != code:
            yield code, tell("{part!r} cannot be a file name", part=code)
    for code, other in taken_twice(codes):
        yield (
            code,
            tell(
                "{code}: some systems take it and {other} for one name: give one of them another",
                code=code,
                other=other,
            ),
        )


def files(read: Reader, kind: str, found: Collection[str]) -> None:
    """Report codes of a folder of the catalogue (forms, frameworks …), each in its own file."""
    for code, what in faults(found):
        read.report(read.root / kind / f"{code}.yml", (kind.removesuffix("s"),), what)


def indicators(read: Reader, frameworks: dict) -> None:
    """Report codes of indicators, which are told apart within their framework."""
    for framework, held in frameworks.items():
        path = read.root / "frameworks" / f"{framework}.yml"
        for code, what in faults(held["indicators"]):
            read.report(path, ("indicators", code), what)
