"""Sentences that any page may say, in the language in use, escaped: its heading, its source."""

from collections.abc import Iterable

from IPython.display import HTML
from markupsafe import Markup

from analysis.display import wordings
from analysis.display.resource import Shown
from analysis.language.languages import as_written, choose, say
from analysis.language.words import MISSING, day, number
from analysis.schema.tables import OBS_STATUS

SYNTHETIC = "Dữ liệu minh họa do máy sinh ra, không phải số liệu thật của bất kỳ đơn vị nào."
CERTAINTY = wordings.codes("certainty")


def _html(template: str, *args: object) -> HTML:
    return Shown(Markup(template).format(*args))


def paragraphs(*sentences: str) -> HTML:
    """Plain sentences, one paragraph each; empty ones are left out."""
    return Shown("".join(Markup("<p>{}</p>").format(s) for s in sentences if s))


def links(label: str, entries: Iterable[tuple[str, str]]) -> HTML:
    """Other pages to go to from here, in a line: (address within the site, text)."""
    entry = Markup("<li><a href='{}'>{}</a></li>")
    listed = Markup("").join(entry.format(*e) for e in entries)
    if not listed:
        return Shown("")
    return _html(
        "<nav class='links' aria-label='{}'><strong>{}:</strong><ul>{}</ul></nav>",
        label,
        label,
        listed,
    )


def heading(subject: str, key: str) -> HTML:
    """What the figures are of (a period, a unit; may be empty), and the page's one key sentence.

    The title stands above: the first line of the notebook, or what ``site.yml`` calls the page.
    """
    above = Markup("<p class='subject'>{}</p>").format(subject) if subject else ""
    return _html("{}<p class='key'>{}</p>", above, key)


def folded(head: str, parts: Iterable[HTML]) -> HTML:
    """Tables, sentences and charts that few readers need, in a fold under ``head``."""
    held = Markup("").join(Markup(getattr(part, "html", None) or part.data) for part in parts)
    return _html("<details class='behind'><summary>{}</summary>{}</details>", head, held)


def cards(entries: Iterable[tuple[str, str, str]]) -> HTML:
    """Big figures: (label, figure, detail)."""
    card = Markup(
        "<div class='card'><div class='label'>{}</div><div class='figure'>{}</div>"
        "<div class='detail'>{}</div></div>"
    )
    return Shown(
        Markup("<div class='cards'>{}</div>").format(
            Markup("").join(card.format(*e) for e in entries)
        )
    )


def caveats(plan, described: dict | None = None, more: str = "") -> HTML:
    """What a reader must know about the figures of a period, in one fold: window, source,
    provisional, gaps, and what ``more`` there is; of the framework or form that is ``described``
    what it rests on and how sure that is. Above it, that they are synthetic: a page says so in its
    banner instead (:mod:`analysis.render.html_page`)."""
    days = say("Số liệu từ {start} đến {end}.", start=day(plan.start), end=day(plan.end))
    where = say("Nguồn: {source}.", source=choose(plan.source, MISSING))
    told = [days, where, choose(plan.status_note), choose(plan.coverage_note)]
    return _noted(plan.synthetic, told, _rests_on(described) if described else [], [more])


def _rests_on(described: dict) -> list[object]:
    sure = say("Mức chắc chắn: {how}.", how=say(CERTAINTY[described["certainty"]]))
    source = described.get("source")  # of a form it is for those who keep the catalogue
    told = choose(source) if isinstance(source, dict) else ""
    return [f"{choose(described['title'])}.", basis(described), sure, told]


def _noted(synthetic: bool, *notes: Iterable[object]) -> HTML:
    lines = Markup("").join(
        Markup("<p class='note'>{}</p>").format(Markup(" ").join(filter(None, sentences)))
        for sentences in notes
        if any(sentences)
    )
    fold = Markup("<details class='notes'><summary>{}</summary>{}</details>")
    mark = Markup("<p class='synthetic'>{}</p>").format(say(SYNTHETIC)) if synthetic else ""
    return Shown(Markup(mark) + fold.format(say("Về số liệu"), lines))


def source(plan) -> str:
    """The line beneath a chart: where from, which days, which status."""
    if plan.obs_status == "A":
        period = say("Kỳ {code}.", code=plan.code)
    else:
        status = say(OBS_STATUS[plan.obs_status])
        period = say("Kỳ {code} ({status}).", code=plan.code, status=status)
    return f"{_origin(plan)} {period}"


def _origin(plan) -> str:
    if plan.synthetic:
        return say("Dữ liệu minh họa, không phải số liệu thật.")
    return say("Nguồn: {source}.", source=choose(plan.source, MISSING))


def basis(described: dict) -> str:
    """Which law or decision a framework, form or regime of the catalogue rests on."""
    return say("Căn cứ: {law}.", law=as_written(described["legal_basis"]))


def survey_caveats(plan, rate: dict) -> HTML:
    """What a reader must know about an edition: synthetic, months asked about, the hourly rate."""
    start, end = plan.reference_period
    months = say("Thủ tục làm từ {start} đến {end}.", start=day(start), end=day(end))
    hourly = say(
        "Một giờ công tính {value} đồng (từ {low} đến {high}): giả định suy ra từ số đã công bố, "
        "không phải số chính thức.",
        **{key: number(rate[key]) for key in ("value", "low", "high")},
    )
    return _noted(plan.synthetic, [months, hourly])


def survey_source(plan) -> str:
    """The line beneath a chart of a survey edition."""
    return f"{_origin(plan)} {choose(plan.title)}."
