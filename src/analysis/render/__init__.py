"""Executed notebook → page, Word, PDF, workbook.

Self-contained HTML that reads on a phone, on paper and in the dark, and the exports beside it.

May import: topics, pipeline, survey, exchange, checking, reading, indicators, scoring, published,
editing, display, catalogue, lineage, storage, language, schema, project.
"""

from analysis import door

__getattr__, __all__ = door(__name__, html_page="html", exports="write")
