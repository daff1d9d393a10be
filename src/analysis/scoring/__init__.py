"""Values → scores and ranks, and how sure they are.

The steps of the OECD/JRC handbook, each in a module of its name: impute, treat, normalise, weigh,
aggregate, rank; ``composite`` composes them, ``uncertainty`` varies the choices, ``explain`` takes
a score apart.

May import: display, catalogue, lineage, storage, language, schema, project.
"""

from analysis import door

__getattr__, __all__ = door(
    __name__,
    composite="build",
    uncertainty="analyse",
    explain="table",
    score="rank deciles agreement",
)
