"""Answers of firms → what procedures cost them, with sampling error.

Reads an edition, rakes its weights, estimates means, ratios and quantiles with the variance that
the design gives them, and withholds what would disclose a firm.

Who comes from R's ``survey`` or from ``svy``: ``design`` describes how the sample was drawn
(``svydesign``), ``rake`` and ``post_stratify`` meet known totals, ``mean``, ``total``, ``ratio``
and ``quantile`` estimate (``svymean`` …; ``by`` is ``svyby``), ``proportion`` does so for shares
(``svyciprop``), ``joint`` gives estimates with their covariance and ``contrast`` and
``differences`` compare them (``svycontrast``, ``svyttest``), ``rao_scott`` tests a table
(``svychisq``), ``change`` compares two samples, ``bootstrap`` resamples, ``jackknife`` makes
replicate weights (``as.svrepdesign``), ``calibrate`` meets totals of numbers and ``trimmed`` trims
(``calibrate``, ``trimWeights``), ``fit`` is a regression (``svyglm``), ``suppress`` hides what is
of too few.

May import: exchange, checking, reading, indicators, scoring, published, editing, display,
catalogue, lineage, storage, language, schema, project.
"""

from analysis import door

__getattr__, __all__ = door(
    __name__,
    editions="edition load",
    sampling="Design design rake post_stratify calibrate adjust_nonresponse winsorise",
    estimation="mean proportion total ratio quantile change",
    contrasts="joint contrast differences rao_scott",
    calibration="trimmed",
    jackknifing="jackknife",
    regression="fit",
    resampling="bootstrap",
    disclosure="suppress",
)
