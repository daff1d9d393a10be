"""A file as it was received → its cells, each with its place in a form.

Opens what offices send in a bounded process of its own, recognises form, table, long list or
register, and cleans what was written. Nothing is dropped here: what cannot be read has a name.

May import: display, catalogue, lineage, storage, language, schema, project.
"""

from analysis import door

__getattr__, __all__ = door(__name__, reading="read Known", clean="fields units")
