"""What rests on what: digests of code and of data, what was read, the tables that are kept.

A page or a table is made anew when anything it rests on has changed, and only then.

May import: storage, language, schema, project.
"""

from analysis import door

__getattr__, __all__ = door(
    __name__, imports="imported closure", trace="note", store="kept Kept fingerprint"
)
