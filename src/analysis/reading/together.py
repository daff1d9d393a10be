"""How much all files of a period or edition may hold together: each may be within its bound, and
five hundred of them beyond what a machine has.

The smallest are read first, so that a flood costs those who sent it. From the first one for which
there is no room, none is read any more: each is a finding on its file, with its rule, and is tried
anew the next time.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from analysis.reading import workbook
from analysis.reading.workbook import Received

MOST = 3_000_000
"""Cells, where ``limits`` of ``parameters.yml`` name no ``cells_together``."""


class Room:
    """What is left of the cells that all files may hold together."""

    def __init__(self, limits: dict) -> None:
        self.most = limits.get("cells_together", MOST)
        self._left, self.closed = self.most, False

    def takes(self, cells: int) -> bool:
        """Whether so many more fit; they are counted if they do."""
        self.closed = self.closed or cells > self._left
        self._left -= 0 if self.closed else cells
        return not self.closed

    def refused(self, path: Path) -> Received:
        """What stands for a file that does not fit: one row with its rule."""
        return workbook.refused(path, "file_too_large", f"together: {self.most}")


def in_turn(paths: Sequence[Path]) -> list[Path]:
    """Files in the order in which they are read: the smallest first, those alike by name."""
    return sorted(paths, key=lambda path: (path.stat().st_size, path.name))


def received(
    paths: Sequence[Path], limits: dict, read: Callable[[Path, dict], Received]
) -> list[Received]:
    """Each file as ``read`` gives it, in the order of ``paths``, as far as there is room for it."""
    room, found = Room(limits), {}
    for path in in_turn(paths):
        held = None if room.closed else read(path, limits)
        fits = held is not None and room.takes(len(held.cells))
        found[path] = held if fits else room.refused(path)
    return [found[path] for path in paths]
