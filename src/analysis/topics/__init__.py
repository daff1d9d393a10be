"""What a page says: one module per subject, its tables and its sentences.

Takes tables of a period, an edition or a source and gives what notebooks show. Its modules
are what others use (``from analysis.topics import ranking``).

May import: exchange, checking, reading, indicators, scoring, published, editing, display,
catalogue, lineage, storage, language, schema, project.
"""
