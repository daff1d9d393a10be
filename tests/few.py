"""How many examples are drawn where a single one takes more than 50 ms."""

from hypothesis import settings

FEW = settings(max_examples=settings.default.max_examples // 3)
"""A third of what other properties draw, by whichever profile."""
