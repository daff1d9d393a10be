"""A drawing of matplotlib as part of a page: a fraction of its size, in the colours of its place.

Matplotlib writes every style and six decimals with every mark, an id for every group, and a clip
path for what needs none. Here styles that recur are classes too, colours are variables that fall
back on the light ones (a page is spared what it knows: :func:`analysis.display.theme.bare`), and
marks that say something of themselves carry it (:func:`mark`).
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from xml.etree import ElementTree as ET

from markupsafe import Markup

from analysis.display import theme
from analysis.display.palette import LIGHT, VARIABLES

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NUMBER = re.compile(r"-?\d+\.\d+")
_STEP = re.compile(r"([A-Za-z])|(-?[\d.]+(?:e-?\d+)?)")
_REFERRING = ("href", "clip-path", "style")
_REFERENCE = re.compile(r"(?<=^#)[\w.-]+|(?<=url\(#)[\w.-]+")  # a colour begins with "#" too
_DRAWN = {"path", "use", "image"}
_MARKS = "marks:"
# what the drawing's own style says of all its text, or SVG of all shapes, is not said again
_USUAL = {
    "fill": VARIABLES[LIGHT["ink"]],
    "font-family": None,
    "stroke-linejoin": None,
    "fill-opacity": "1",
    "stroke-opacity": "1",
    "opacity": "1",
}

# bold figures stand on lines and dots
_HALO = "paint-order:stroke;stroke:var(--c-paper);stroke-width:2.4;stroke-linejoin:round"


def mark(artist, *said: Sequence[str]) -> None:
    """What the shapes of an artist stand for, in their order: a name, and perhaps its value.

    A reader who points at a shape is told; shapes of one name are lit together.
    """
    artist.set_gid(_MARKS + json.dumps(said, ensure_ascii=False))


def inline(svg: str, own: str, said: str, width: str = "", *, narrow: bool = False) -> Markup:
    """The drawing as an element of a page.

    Parameters
    ----------
    svg
        As matplotlib writes it.
    own
        Before every id, so that several drawings share a page.
    said
        Text alternative.
    width
        How wide it is shown at most (CSS), where that is less than usual.
    narrow
        Drawn for a telephone: hidden, but on pages, which show one or the other.

    Raises
    ------
    ValueError
        where an artist has not as many shapes as :func:`mark` was told.
    """
    root = ET.fromstring(_NOT_XML.sub("", svg[svg.index("<svg") :]))
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        element.attrib = {k.rpartition("}")[2]: v for k, v in element.attrib.items()}
    _leave_out(root)
    _name_marks(root)
    styles = Counter()
    without_clips(root)
    root.attrib = {
        "role": "img",
        "aria-label": _NOT_XML.sub("", said),
        "class": "narrow" if narrow else "wide",
        "viewBox": root.get("viewBox"),
    }
    for element in root.iter():
        _lighten(element, styles)
    _classes(root, styles)
    _short_ids(root, own)
    _unwrap(root)
    more = f";width:{width}" if width else ""
    root.set("style", theme.DRAWING + (theme.HIDDEN if narrow else "") + more)
    for element in root.iter():
        element.tail = None
        if "style" in element.attrib:
            element.set("style", theme.own(element.get("style")))
        if element.tag == "style":
            element.text = theme.own(element.text)
        if element.tag not in ("text", "tspan", "title", "style"):
            element.text = None
    return Markup(ET.tostring(root, encoding="unicode").replace(" />", "/>"))


def untold(narrow: Markup, wide: Markup) -> Markup:
    """The narrow drawing without what its marks say, where they are those of the wide one: the
    script of a page finds it there."""
    titles = re.compile("<title>.*?</title>", re.S)
    same = titles.findall(narrow) == titles.findall(wide)
    if not same:
        return narrow
    return Markup(re.sub("></(?:path|use)>", "/>", titles.sub("", narrow)))


def _leave_out(root: ET.Element) -> None:
    """Metadata, the style of all shapes, the invisible ground of figure and axes, lines that have
    no point."""
    for parent in list(root.iter()):
        for child in list(parent):
            style = child.get("style", "")
            empty = child.tag == "path" and (style == "fill: none" or not child.get("d"))
            if child.tag in ("metadata", "style") or empty:
                parent.remove(child)


def _name_marks(root: ET.Element) -> None:
    for group in root.iter():
        if not group.get("id", "").startswith(_MARKS):
            continue
        said = json.loads(group.attrib.pop("id").removeprefix(_MARKS))
        shapes = [e for e in _shapes(group) if e.tag in _DRAWN]
        if not shapes:  # nothing to point at: a line without values
            continue
        if len(said) == 1 and len(shapes) > 1:
            shapes = [group]
        if len(shapes) != len(said):
            raise ValueError(f"{len(shapes)} shapes, but {len(said)} marks")
        for shape, words in zip(shapes, said, strict=True):
            shape.set("class", "mark")
            title = ET.Element("title")
            title.text = _NOT_XML.sub("", "\n".join(str(word) for word in words if word))
            shape.insert(0, title)


def _shapes(element: ET.Element) -> Iterator[ET.Element]:
    """Elements below this one that are drawn where they stand."""
    for child in element:
        if child.tag not in ("defs", "clipPath", "pattern"):
            yield child
            yield from _shapes(child)


def without_clips(root: ET.Element) -> None:
    """Clip paths of shapes that lie within them anyway are taken off, and those that none needs."""
    bounds = {}
    for clip in root.iter("clipPath"):
        rect = clip.find("rect")
        if rect is not None:
            x, y, w, h = (float(rect.get(k)) for k in ("x", "y", "width", "height"))
            bounds[f"url(#{clip.get('id')})"] = (x, y, x + w, y + h)
    used = set()
    for element in root.iter():
        clip = element.get("clip-path")
        if clip and clip in bounds and _within(element, bounds[clip]):
            del element.attrib["clip-path"]
        elif clip:
            used.add(clip)
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag == "clipPath" and f"url(#{child.get('id')})" not in used:
                parent.remove(child)


def _within(element: ET.Element, bounds: tuple[float, float, float, float]) -> bool:
    left, top, right, bottom = bounds
    for shape in [element, *_shapes(element)]:
        if shape.tag == "use":
            points = [(float(shape.get("x")), float(shape.get("y")))]
        elif shape.tag == "path":
            numbers = [float(n) for _, n in _STEP.findall(shape.get("d", "")) if n]
            points = list(zip(numbers[::2], numbers[1::2], strict=True))
        else:
            continue
        if any(not (left - 1 <= x <= right + 1 and top - 1 <= y <= bottom + 1) for x, y in points):
            return False
    return True


def _lighten(element: ET.Element, styles: Counter) -> None:
    for name in ("x", "y", "width", "height"):
        if name in element.attrib:
            element.set(name, _round(element.get(name)))
    if "d" in element.attrib:
        element.set("d", shorter_path(element.get("d")))
    if "transform" in element.attrib:
        moved = _NUMBER.sub(lambda m: _round(m[0]), element.get("transform"))
        if moved.startswith("rotate(-0 "):
            del element.attrib["transform"]
        else:
            element.set("transform", moved)
    if style := element.attrib.pop("style", ""):
        kept = _style(style, element.tag)
        if kept:
            element.set("style", kept)
            styles[kept] += 1


def _style(text: str, tag: str) -> str:
    """The declarations that say something, with variables for colours."""
    kept = []
    for line in text.split(";"):
        name, _, value = (part.strip() for part in line.partition(":"))
        if name == "font":  # in one with the families, which are the page's
            weight, size = re.match(r"(.*?)([\d.]+)px", value).groups()
            kept += [f"font-size:{_round(size)}px"]
            kept += ["font-weight:700"] if "700" in weight or "bold" in weight else []
            kept += ["font-style:italic"] if "italic" in weight else []
            continue
        value = VARIABLES.get(value, value)
        usual = _USUAL.get(name, "")
        if usual is None or (value == usual and (name != "fill" or tag == "text")):
            continue
        kept.append(f"{name}:{_NUMBER.sub(lambda m: _round(m[0]), value)}")
    if "font-weight:700" in kept:
        kept.append(_HALO)
    return ";".join(kept)


def _classes(root: ET.Element, styles: Counter) -> None:
    """Styles that recur become classes, named by what they say: equal ones never clash."""
    names = {
        style: "s" + hashlib.sha256(style.encode()).hexdigest()[:6]
        for style, times in styles.items()
        if times > 1
    }
    for element in root.iter():
        if (style := element.get("style")) in names:
            held = [element.get("class"), names[style]]
            element.set("class", " ".join(filter(None, held)))
            # said here as well, and last: some places take the sheet away, and pages this
            element.set("style", element.attrib.pop("style"))
    if names:
        sheet = ET.Element("style")
        sheet.text = "".join(f".{name}{{{style}}}" for style, name in names.items())
        root.insert(0, sheet)


def _short_ids(root: ET.Element, own: str) -> None:
    """Only what is referred to keeps an id, a short one."""
    told = [v for e in root.iter() for k, v in e.attrib.items() if k in _REFERRING]
    sheet = root.find("style")
    told += [sheet.text] if sheet is not None else []
    used = dict.fromkeys(name for text in told for name in _REFERENCE.findall(text))
    short = {name: f"{own}{i}" for i, name in enumerate(used)}

    def renamed(text: str) -> str:
        return _REFERENCE.sub(lambda m: short[m[0]], text)

    for element in root.iter():
        if "id" in element.attrib:
            name = element.attrib.pop("id")
            if name in short:
                element.set("id", short[name])
        for name in _REFERRING:
            if name in element.attrib:
                element.set(name, renamed(element.get(name)))
    if sheet is not None:
        sheet.text = renamed(sheet.text)


def _unwrap(element: ET.Element) -> None:
    """Groups that say nothing give way to what is in them; empty ones go."""
    children = []
    for child in element:
        _unwrap(child)
        if child.tag in ("g", "defs") and not len(child):
            continue
        if child.tag == "g" and not child.attrib:
            children.extend(child)
        else:
            children.append(child)
    element[:] = children


def _round(number: str) -> str:
    return f"{round(float(number), 1):g}"


def shorter_path(text: str) -> str:
    """The same lines with a tenth of a point, relative where that is shorter."""
    steps, numbers, command = [], [], ""
    for letter, number in _STEP.findall(text):
        if letter:
            if command:
                steps.append((command, numbers))
            command, numbers = letter, []
        else:
            numbers.append(round(float(number) * 10))
    steps.append((command, numbers))
    out, at, start, last = [], (0, 0), (0, 0), ""
    for command, numbers in steps:
        if command in "zZ":
            out.append("z")
            at, last = start, "z"
            continue
        points = list(zip(numbers[::2], numbers[1::2], strict=True))
        way = command.upper()
        if way == "M":
            out.append("M" + _join(points[0]))
            start = at = points[0]
            last = "L"
        else:
            moved = [c for x, y in points for c in (x - at[0], y - at[1])]
            if way == "L" and moved == [0, 0] and last == "l":
                continue
            letter = way.lower()
            if way == "L" and moved[1] == 0:
                letter, moved = "h", moved[:1]
            elif way == "L" and moved[0] == 0:
                letter, moved = "v", moved[1:]
            text = _join(moved)
            if letter == last:
                out.append(text if text.startswith("-") else " " + text)
            else:
                out.append(letter + text)
            at, last = points[-1], letter
    return "".join(out)


def _join(tenths: Sequence[int]) -> str:
    words = (f"{n / 10:g}" for n in tenths)
    return re.sub(" -", "-", " ".join(words))
