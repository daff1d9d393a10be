"""Cells → observations, records and issues.

The rules that a figure, a record, a file and a whole period are held to, and which of several
submissions counts. Every cell leaves as an accepted figure or as a named issue.

May import: reading, indicators, scoring, published, editing, display, catalogue, lineage, storage,
language, schema, project.
"""

from analysis import door

__getattr__, __all__ = door(
    __name__,
    standing="decide",
    fates="balance",
    validate="figures issues completeness",
    register_entries="records",
    register_counts="counts",
    timeliness="league",
)
