"""What cells show, in whatever place it is opened: JupyterLab, VS Code, nbconvert, our own pages.

A page has a style sheet; everywhere else what is shown must bring its own look: its ground and its
ink, and the colours of dark where the place around it says that it is dark. A place that says
nothing gets dark on light. Pages of ours take all of this off again (:func:`bare`): what their
style sheet says once need not be said with every table.
"""

import re

from analysis.display import palette

_FONT = "font-family:system-ui,-apple-system,Segoe UI,Roboto,Noto Sans,Arial,sans-serif"
_VARIABLE = re.compile(r"var\(--c-([\w-]+)\)")
# how JupyterLab (also Notebook, nbconvert, Voilà) and VS Code say that their theme is dark
_DARK = (
    ":is([data-jp-theme-light=false],.vscode-dark,[data-vscode-theme-kind=vscode-dark],"
    ".vscode-high-contrast:not(.vscode-high-contrast-light),"
    "[data-vscode-theme-kind=vscode-high-contrast])"
)


def own(css: str) -> str:
    """Declarations in which each colour has its light one to fall back on.

    >>> own("fill:var(--c-ink)") == f"fill:var(--c-ink,{palette.LIGHT['ink']})"
    True
    """
    return _VARIABLE.sub(lambda m: f"var(--c-{m[1]},{palette.LIGHT[m[1]]})", css)


DRAWING = (
    f"display:block;width:100%;max-width:57rem;height:auto;{_FONT};"
    "fill:var(--c-ink);background:var(--c-paper)"
)
"""Style of a drawing where no page says it: its size, the ink of its text, its ground."""
HIDDEN = ";display:none"
"""What is said after it of a drawing for telephones, where no page chooses between the two."""

# Places have rules of their own for all tables, text and links: these weigh more; VS Code takes
# every border and aligns all heads with !important.
_SHEET = """
.reform{color-scheme:light;padding:.25rem .75rem;line-height:1.5}
@media screen{DARK .reform{color-scheme:dark;COLOURS}}
div.reform *{color:inherit}
div.reform a:is(:link,:visited){color:var(--c-accent)}
div.reform :is(.subject,.note,.notes,.source,.detail,.label,summary,figcaption span){color:var(--c-soft)}
div.reform p{margin:.4rem 0;max-width:44rem}
div.reform .key{font-size:1.2em}
div.reform :is(.source,.detail,.label){font-size:.9em}
div.reform .synthetic{color:var(--c-warn);font-weight:600}
div.reform .to-write{background:var(--c-notice);color:var(--c-notice-ink);padding:.3rem .6rem}
.reform .letter :is(.Centred,.Numbered,.Placed){text-align:center}
.reform :is(.links,.cards){display:flex;flex-wrap:wrap;gap:.3rem 1rem}
.reform .links ul{display:contents}.reform .links li{display:block}
.reform .card{background:var(--c-wash);border-top:3px solid var(--c-line);padding:.6rem 1rem}
div.reform :is(.card .figure,.big){font-size:1.9em;line-height:1.3;font-weight:700;margin:0}
div.reform .big{color:var(--c-accent)}
.reform .fact h2{border-top:1px solid var(--c-line);padding-top:.4rem}
.reform .bar{height:.8rem;max-width:44rem;background:var(--c-line)}
.reform .bar span{display:block;height:100%;background:var(--c-accent)}
.reform figure.chart{margin:.75rem 0}
.reform .table-wrap{overflow:auto;max-height:40rem;margin:.75rem 0}
div.reform .table-wrap table.data{table-layout:auto;border-collapse:collapse;margin:0;font-size:.875rem;line-height:1.4}
div.reform .table-wrap .data tr:nth-child(n){background:none}
div.reform .table-wrap .data tbody tr:nth-child(n):hover{background:var(--c-wash)}
div.reform .table-wrap .data :is(td,th){border:0;border-bottom:1px solid var(--c-line)!important;padding:.4rem .7rem;text-align:left!important;vertical-align:top;white-space:normal;max-width:none}
div.reform .table-wrap .data th{position:sticky;top:0;background:var(--c-paper);color:var(--c-soft);font-weight:600;vertical-align:bottom}
div.reform .table-wrap .data .num:is(td,th){text-align:right!important;font-variant-numeric:tabular-nums}
div.reform .table-wrap .data td.num{white-space:nowrap}
.reform .data td:first-child:not(.num){min-width:8rem}
"""  # noqa: E501
_GROUND = own("background:var(--c-paper);color:var(--c-ink)")
_BEGIN = "<div class='reform' style='{}'><style>{}</style>".format(
    _GROUND,
    own(_SHEET.replace("\n", ""))
    .replace("DARK", _DARK)
    .replace("COLOURS", palette.declared(palette.DARK)),
)
_CLASSED = re.compile(r'(<\w+ [^<>]*?class="(?:mark )?s[0-9a-f]{6}") style="[^"]*"')
_DRESSED = re.compile(r"<div class='reform'[^>]*><style>.*?</style>(.*)</div>", re.S)


def dressed(html: str) -> str:
    """What a cell shows, with a ground and colours of its own, and those of a dark place.

    >>> dressed("<p>x</p>").startswith("<div class='reform' style='background:var(--c-paper,#")
    True
    >>> dressed("")
    ''
    """
    return f"{_BEGIN}{html}</div>" if html else ""


def bare(html: str) -> str:
    """The same for a page that has the style sheet: without what :func:`dressed` and drawings add.

    >>> bare(dressed("<p>x</p>"))
    '<p>x</p>'
    """
    found = _DRESSED.fullmatch(html)
    html = found[1] if found else str(html)  # not Markup, which escapes what it is given
    if "<svg" not in html:
        return html
    html = _CLASSED.sub(r"\1", html)
    for name, colour in palette.LIGHT.items():
        html = html.replace(f"var(--c-{name},{colour})", f"var(--c-{name})")
    html = html.replace(f"{DRAWING}{HIDDEN}", DRAWING)
    return html.replace(f' style="{DRAWING}"', "").replace(f' style="{DRAWING};', ' style="')
