"""Many notebooks, fast: plan, warm kernels, execution, what need not be built again.

Knows no statistics and no government: a page is a notebook with parameters.

May import: render, period, topics, pipeline, survey, exchange, checking, reading, indicators,
scoring, published, editing, display, catalogue, lineage, storage, language, schema, project.
"""

from analysis import door

__getattr__, __all__ = door(__name__, batch="run", pages="Page Batch Result")
