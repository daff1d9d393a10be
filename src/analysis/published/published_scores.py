"""Scores that a period's publisher printed (``period.yml``, ``published``), as they stand in
``data/reference``."""

from pathlib import Path

import pandas as pd

from analysis.language.messages import tell
from analysis.storage import by_hand

COLUMNS = ("unit_code", "group", "metric", "published_score")
_FIGURES = ("max_score", "published_ratio", "published_score")


class PublishedScoresError(ValueError):
    """The scores cannot be had; the message says why, as ``file:line: what``."""


def read(path: Path, name: str) -> pd.DataFrame:
    """The rows of the file: unit_code, group, metric, published_score (missing where the cell is
    empty) and what else it has, ``max_score`` and ``published_ratio`` as numbers, too.

    ``name``: how messages call the file.

    Raises
    ------
    PublishedScoresError
    """
    try:
        table = by_hand.table(by_hand.content(path))
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise PublishedScoresError(
            tell("{file}: cannot be read: {why}", file=name, why=why)
        ) from error
    absent = [c for c in COLUMNS if c not in table]
    if absent:
        told = tell("has no column {columns}", columns=", ".join(absent))
        raise PublishedScoresError(f"{name}:1: {told}")
    try:
        figures = {c: by_hand.numbers(table, c, name) for c in _FIGURES if c in table}
    except ValueError as error:
        raise PublishedScoresError(str(error)) from error
    return table.assign(**figures)
