"""Declared pages → a site that can be read, searched, shared and verified.

``reports/site.yml`` says which notebook with which parameters is a page.

May import: batch, history, render, period, topics, pipeline, survey, exchange, checking, reading,
indicators, scoring, published, editing, display, catalogue, lineage, storage, language, schema,
project.
"""

from analysis import door

__getattr__, __all__ = door(
    __name__,
    planning="Plan plan",
    building="Built build",
    share="archive",
    verify="site",
    explore="preview",
)
