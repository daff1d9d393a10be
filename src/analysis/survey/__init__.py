"""Answers of firms → what procedures cost them, with sampling error.

Reads an edition, rakes its weights, estimates means, ratios and quantiles with the variance that
the design gives them, and withholds what would disclose a firm.

May import: exchange, checking, reading, indicators, scoring, published, display, catalogue,
lineage, storage, language, schema, project.
"""

from analysis import door

__getattr__, __all__ = door(
    __name__,
    editions="load",
    sampling="Design Raking design rake winsorise variance",
    estimation="mean ratio quantile",
)
