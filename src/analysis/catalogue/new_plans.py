"""The description of a new period or survey edition, begun from that of an older one.

What holds for the new one as for the old (regime, forms, frameworks, who must report) is taken
over. What is true of the old one alone is not: its title, its source, the notes on its figures, and
whether these are real.
"""

from datetime import date
from pathlib import Path

import yaml

from analysis.catalogue import periods
from analysis.catalogue.reader import Reader
from analysis.language import languages

TO_FILL = {"vi": "cần điền: số liệu do ai gửi, theo văn bản nào", "en": "to be filled in"}
"""What a description says where nobody has said where its figures come from."""

TAKEN_OVER = ["regime", "forms", "frameworks", "due"]
"""Keys of ``period.yml`` that hold for the next period as well."""

_PERIOD = ["time_period", "title", *TAKEN_OVER, "synthetic", "source"]
_EDITION = ["survey", "edition", "title", "synthetic", "reference_period", "units_on", "earlier"]


def period(
    code: str, old: Path, synthetic: bool, title: str | None = None, source: str | None = None
) -> str:
    """The text of ``period.yml`` of the period ``code``.

    Parameters
    ----------
    old
        ``period.yml`` of the period that it is begun from.
    synthetic
        Whether its figures are made up; never taken over.
    title, source
        In words; else the name of the period, and a mark that the source is to be filled in.

    Raises
    ------
    ValueError
        if ``code`` is no period code.
    CatalogueError
        if ``old`` cannot be read.
    """
    meant = periods.parse(code)
    read = Reader(old.parent.parent)  # its name says of which
    stated = read.yaml(old, "period")
    read.raise_problems()
    new = {k: stated[k] for k in TAKEN_OVER}
    new |= {"time_period": code, "title": _title(meant, title), "synthetic": synthetic}
    new["source"] = {"vi": source, "en": source} if source else TO_FILL
    return _text({k: new[k] for k in _PERIOD})


def edition(
    survey: str,
    year: str,
    old: str | None,
    reference_period: tuple[date, date],
    synthetic: bool,
    title: str | None = None,
    source: str | None = None,
) -> str:
    """The text of ``edition.yml`` of an edition; ``old``: the one that it is compared with.

    ``reference_period``: first and last day that firms are asked about; their units are those of
    the last one.
    """
    name = title or f"{survey.upper()} {year}"
    first, last = reference_period
    new = {
        "survey": survey,
        "edition": year,
        "title": {"vi": name, "en": name},
        "synthetic": synthetic,
        "reference_period": [first, last],
        "units_on": last,
        "earlier": old,
    }
    new = {k: new[k] for k in _EDITION if new[k] is not None}
    return _text(new | {"source": {"vi": source, "en": source} if source else TO_FILL})


def to_fill(stated_source: dict) -> bool:
    """Whether a description says that its source is to be filled in."""
    return stated_source == TO_FILL


def _title(meant: periods.Period, title: str | None) -> dict[str, str]:
    if title:
        return {"vi": title, "en": title}
    names = {}
    for lang in languages.LANGUAGES:
        with languages.using(lang):
            names[lang] = meant.name
    return names


class _Plain(yaml.SafeDumper):
    """Writes a value that stands twice twice: readers of the catalogue take no references."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _text(stated: dict) -> str:
    return yaml.dump(stated, Dumper=_Plain, allow_unicode=True, sort_keys=False, width=1000)
