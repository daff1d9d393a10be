"""What goes out to the offices and what comes in.

Blank forms and registers, the ledger of what was received, annotated copies of what was wrong,
what to ask about first.

May import: checking, reading, indicators, scoring, published, editing, display, catalogue, lineage,
storage, language, schema, project.
"""

from analysis import door

__getattr__, __all__ = door(
    __name__, blank_forms="write_blanks", receipts="receive days", returns="write Copy"
)
