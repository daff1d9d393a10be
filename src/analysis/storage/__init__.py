"""Files, locks and the clock: how anything gets onto the disk and off it.

What a record says we wrote is ours and may be replaced or removed; nothing else is. The one room
that writes.

May import: language, schema, project.
"""

from analysis import door

__getattr__, __all__ = door(
    __name__,
    files="write sha256 digest visible",
    owned="Owned",
    locks="alone turn shared",
    clock="built wall",
)
