"""Reform Monitor: read, check, score and report administrative-reform indicators.

Start with :mod:`analysis.pipeline`; it names every step in order.
"""
