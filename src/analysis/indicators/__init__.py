"""Observations → values of indicators, beside the targets that bind them.

Ratios, sums, shares and changes as the framework's catalogue entry states them, units that merged
or split recast, each value with its numerator, denominator and status.

May import: display, catalogue, lineage, storage, language, schema, project.
"""

from analysis import door

__getattr__, __all__ = door(__name__, indicators="compute", targets="assess")
