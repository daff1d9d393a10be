"""How things look: tables, sentences, colours, and charts in ``charts/``.

Knows how to show a table or a figure and says under each where it came from; knows nothing of what
a page is about.

May import: catalogue, lineage, storage, language, schema, project.
"""

from analysis import door

__getattr__, __all__ = door(
    __name__, resource="Shown", table="show", palette="LIGHT", theme="dressed"
)
