"""Several periods at once: series of indicators and scores, and what later submissions changed.

A series is of one thing over time: where units merged, rules or sources changed, it breaks and says
so.

May import: render, period, topics, pipeline, survey, exchange, checking, reading, indicators,
scoring, published, editing, display, catalogue, lineage, storage, language, schema, project.
"""

from analysis import door

__getattr__, __all__ = door(
    __name__, history="periods followed_before indicator_values scores", revisions="arrivals"
)
