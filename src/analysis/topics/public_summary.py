"""Results for everybody: at most three shares as figure, sentence and bar; pictures to share.

What may be said is data (``data/catalogue/public_summary.yml``), in order of preference.
"""

import base64
import textwrap
from dataclasses import dataclass

import matplotlib as mpl
from IPython.display import HTML
from markupsafe import Markup
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from analysis.display import narrative, theme
from analysis.display.charts import figure
from analysis.display.palette import LIGHT
from analysis.display.resource import Shown
from analysis.language.languages import choose, say
from analysis.language.words import number, percent, short
from analysis.topics import one_notion, results, submissions

MARK = "SỐ LIỆU MINH HỌA – KHÔNG PHẢI SỐ LIỆU THẬT"


@dataclass(frozen=True)
class Fact:
    """A share in percent and what is said of it. ``basis``: whom it covers; ``beside``: why another
    framework of the period gives another value for the same notion."""

    name: str
    value: float
    sentence: str
    basis: str
    source: str
    title: str
    synthetic: bool
    beside: str = ""

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        """The block of the page, and the picture to share (analysis.render.exports)."""
        picture = base64.b64encode(share_image(self)).decode("ascii")
        return {"text/html": theme.dressed(str(_block(self))), "image/png": picture}


def facts(summary: dict, period) -> list[Fact]:
    """The first of the candidates that the period has figures for."""
    held = [_fact(told, period) for told in summary["candidates"]]
    return [fact for fact in held if fact is not None][: summary["most"]]


def key(told: list[Fact]) -> str:
    """Key sentence of the page: the first figure."""
    return told[0].sentence if told else say("Kỳ này chưa có con số nào đủ căn cứ để công bố.")


def limits(summary: dict) -> HTML:
    """What the figures do not say."""
    lines = Markup("").join(Markup("<li>{}</li>").format(choose(t)) for t in summary["limits"])
    return Shown(Markup("<ul>{}</ul>").format(lines))


def _fact(told: dict, period) -> Fact | None:
    found = KINDS[told["kind"]](told, period)
    if found is None or not found[1] > 0:
        return None
    part, whole, basis = found
    return Fact(
        name=choose(told["name"]),
        value=100 * part / whole,
        sentence=choose(told["sentence"]).format(part=short(part), whole=short(whole)),
        basis=basis,
        source=narrative.source(period.plan),
        title=choose(period.plan.title),
        synthetic=period.plan.synthetic,
        beside=_beside(told, period),
    )


def _beside(told: dict, period) -> str:
    if told["kind"] != "national":
        return ""
    return " ".join(one_notion.told(period, told["framework"], {told["indicator"]}))


def _national(told: dict, period) -> tuple | None:
    if told["framework"] not in period.plan.frameworks:
        return None
    rows = results.national(period.tables.national, period.framework(told["framework"]))
    rows = rows[(rows["indicator"] == told["indicator"]) & rows["obs_value"].notna()]
    if rows.empty:
        return None
    row = rows.iloc[0]
    basis = say(
        "n = {n} trong {all} đơn vị có đủ số liệu.", n=number(row["units"]), all=number(row["of"])
    )
    return row["numerator"], row["denominator"], basis


def _median(told: dict, period) -> tuple | None:
    if told["framework"] not in period.plan.frameworks:
        return None
    scores = period.ranked(told["framework"]).scores
    whole = scores[(scores["level"] == "framework") & scores["rank"].notna()]
    if len(whole) < _FEWEST or whole["peer_type"].nunique() > 1:
        return None
    basis = say("n = {n} đơn vị được xếp hạng.", n=number(len(whole)))
    return whole["score"].median(), whole["max_score"].iloc[0], basis


def _reporting(told: dict, period) -> tuple | None:
    if not submissions.sent_by_units(period.tables):
        return None  # that a source has the units that it has is no news
    counts = submissions.reported(period.tables, period.due)
    return (
        counts["all"],
        counts["due"],
        say("n = {n} đơn vị phải báo cáo.", n=number(counts["due"])),
    )


def _accepted(told: dict, period) -> tuple | None:
    if not submissions.sent_by_units(period.tables):
        return None
    files = say("n = {n} tệp đã nhận.", n=number(len(period.tables.submissions)))
    return *submissions.figures_sent(period.tables), files


_FEWEST = 3
"""Units of which a middle can be told without telling one of them."""

KINDS = {"national": _national, "median": _median, "reporting": _reporting, "accepted": _accepted}


def _block(fact: Fact) -> Markup:
    return Markup(
        "<section class='fact'><h2>{}</h2><p class='big'>{}</p>"
        "<div class='bar' role='img' aria-label='{}'><span style='width:{}%'></span></div>"
        "<p>{}</p>{}<p class='source'>{} {}</p></section>"
    ).format(
        fact.name,
        percent(fact.value),
        f"{fact.name}: {percent(fact.value)}",
        f"{min(max(fact.value, 0), 100):.1f}",
        fact.sentence,
        Markup("<p class='note'>{}</p>").format(fact.beside) if fact.beside else "",
        fact.basis,
        fact.source,
    )


def share_image(fact: Fact) -> bytes:
    """The fact as PNG of 1200 × 630 pixels, legible on a phone."""
    with mpl.rc_context({"font.family": ["sans-serif"], "text.parse_math": False}):
        fig = Figure(figsize=(12, 6.3))
        _write(fig, 0.90, fact.name, 34, 44, weight="bold")
        fig.text(0.05, 0.66, percent(fact.value), size=84, weight="bold", color=figure.ACCENT,
                 va="top")  # fmt: skip
        share = min(max(fact.value, 0), 100) / 100
        fig.add_artist(Rectangle((0.05, 0.40), 0.9, 0.045, color=figure.PALE))
        fig.add_artist(Rectangle((0.05, 0.40), 0.9 * share, 0.045, color=figure.ACCENT))
        _write(fig, 0.36, fact.sentence, 25, 58)
        _write(fig, 0.17, f"{fact.title}. {fact.basis} {fact.source}", 14, 96, color=LIGHT["soft"])
        if fact.synthetic:
            fig.text(0.05, 0.975, say(MARK), size=17, weight="bold", color=LIGHT["warn"], va="top")
        return figure.png(fig, dpi=100)


def _write(fig: Figure, top: float, text: str, size: int, width: int, **style) -> None:
    lines = textwrap.wrap(text, width, max_lines=4, placeholder=" …")
    style = {"color": figure.INK, **style}
    fig.text(0.05, top, "\n".join(lines), size=size, va="top", linespacing=1.25, **style)
