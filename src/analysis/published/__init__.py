"""Figures that others published, as they stand in ``data/reference``, with their sources.

Editions of the APCI, business-environment rankings, PCI and PAPI tables.

May import: display, catalogue, lineage, storage, language, schema, project.
"""

from analysis import door

__getattr__, __all__ = door(
    __name__,
    apci_figures="apci_published apci_series apci_conflicts",
    cleaned_tables="compare covered",
    international="observations bands moved",
    indices="listed segments spread",
)
