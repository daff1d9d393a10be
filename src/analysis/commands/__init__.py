"""The commands of ``python -m analysis``: what is typed, what is answered, exit statuses.

Errors say what is wrong, where and what to do; nothing is computed here. Nothing else uses them.

May import: site, batch, history, render, period, topics, pipeline, survey, exchange, checking,
reading, indicators, scoring, published, editing, display, catalogue, lineage, storage, language,
schema, project.
"""
