"""Words, numbers and days, in Vietnamese and English.

How a figure, a day or a code is written and read, and the sentences of both languages
(``locale/``). Everything that a reader sees is said through this room.

May import: nothing of the package.
"""

from analysis import door

__getattr__, __all__ = door(
    __name__,
    languages="use using current say say_many said choose column",
    words="number percent day fold plain",
    codes="chosen UnknownCodeError",
)
