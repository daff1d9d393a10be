"""What an official signs: forms, frameworks, lists of codes, parameters, plans of periods.

YAML and CSV below ``data/catalogue`` and the description of each period and edition, checked as a
whole, with every fault named by file and line.

May import: lineage, storage, language, schema, project.
"""

from analysis import door

__getattr__, __all__ = door(
    __name__,
    catalogue="load Catalogue",
    plans="plan edition due_units",
    dated="value_on",
    reader="CatalogueError",
    tree="Tree",
    frameworks="on_day",
)
