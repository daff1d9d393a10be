"""Statistical data editing: which figures cannot all be right, and what they probably should be.

Nothing is changed here: what comes out are proposals, which the office that sent the figures
answers.

May import: display, catalogue, lineage, storage, language, schema, project.
"""

from analysis import door

__getattr__, __all__ = door(
    __name__,
    blocks="Block",
    localise="solutions",
    causes="explanations",
    proposals="table",
)
