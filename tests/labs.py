"""Notebooks in a real JupyterLab and in a browser: opened, looked at, measured (test_lab.py and
benchmarks/lab.py). Nothing of the user's settings, trust or workspaces is read or written."""

import io
import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from nbformat import NotebookNode, write
from nbformat.sign import NotebookNotary
from PIL import Image

from analysis.batch import kernels
from analysis.display import palette
from analysis.render import pdf

NOTEBOOKS = ("00_start", "41_ranking", "50_apci", "90_reporting_unit")
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
COLOURS = {"light": palette.LIGHT, "dark": palette.DARK}
VIEW = {"width": 1100, "height": 1300}  # what is out of sight is not hit by a test of points
# as overrides of a user: no news, no questions, all cells at once
_SETTINGS = {
    "@jupyterlab/apputils-extension/notification": {
        "fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True,
    },
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none", "scrollPastEnd": False},
}  # fmt: skip
_FOLDERS = {
    "JUPYTER_CONFIG_DIR": "config",
    "JUPYTER_DATA_DIR": "data",
    "JUPYTER_RUNTIME_DIR": "runtime",
    "JUPYTERLAB_SETTINGS_DIR": "settings",
    "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
    "IPYTHONDIR": "ipython",
}


@contextmanager
def browser(playwright):
    """A Chromium that is ended at the end."""
    started = playwright.chromium.launch(
        executable_path=pdf.browser(),
        args=pdf.options(),
        chromium_sandbox="--no-sandbox" not in pdf.options(),
    )
    try:
        yield started
    finally:
        started.close()


@contextmanager
def server(home: Path, notebooks: Path):
    """A JupyterLab as ``make lab`` starts it, on loopback, with everything of its own in ``home``;
    the address with its token."""
    for name, said in _SETTINGS.items():
        at = home / "settings" / f"{name}.jupyterlab-settings"
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_text(json.dumps(said))
    env = os.environ | {name: str(home / folder) for name, folder in _FOLDERS.items()}
    env |= {"JUPYTER_PATH": str(kernels.KERNELSPECS.parent)}
    options = ["--no-browser", "--ServerApp.port=0", f"--ServerApp.root_dir={notebooks}"]
    options += ["--LabApp.expose_app_in_browser=True", "--LabApp.extension_manager=readonly"]
    options += ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with open(home / "log", "wb") as log:
        started = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options], env=env, stdout=log, stderr=log
        )
        try:
            yield _address(home, started)
        finally:
            started.terminate()
            try:
                started.wait(10)
            except subprocess.TimeoutExpired:
                started.kill()
                started.wait()


def _address(home: Path, started: subprocess.Popen) -> str:
    end = time.monotonic() + 60
    while time.monotonic() < end and started.poll() is None:
        for told in (home / "runtime").glob("jpserver-*.json"):
            held = json.loads(told.read_text() or "{}")
            if held:
                return f"{held['url']}lab?token={held['token']}&reset"
        time.sleep(0.05)
    raise AssertionError((home / "log").read_text())


def trusted(notebook: NotebookNode, target: Path, home: Path) -> None:
    """Save an executed notebook as if the user of this Lab had executed it."""
    write(notebook, target)
    (home / "data").mkdir(parents=True, exist_ok=True)
    notary = NotebookNotary(data_dir=str(home / "data"))
    notary.sign(notebook)
    notary.store.close()


class Lab:
    """A page of JupyterLab, driven by its own commands."""

    def __init__(self, page, address: str):
        self.page = page
        page.set_default_timeout(120_000)  # other tests run beside
        page.goto(address)
        page.wait_for_function("window.jupyterapp?.shell?.layoutModified !== undefined")
        page.evaluate("window.jupyterapp.restored.then(() => 0)")
        self.do("application:toggle-left-area")

    def do(self, command: str, **given) -> None:
        """A command of the menus."""
        self.page.evaluate(
            "([name, given]) => window.jupyterapp.commands.execute(name, given).then(() => 0)",
            [command, given],
        )

    def dress(self, theme: str) -> None:
        """Change the theme, as the menu of settings does."""
        self.do("apputils:change-theme", theme=THEMES[theme])
        wanted = json.dumps(theme == "light")
        self.page.wait_for_function(f"document.body.dataset.jpThemeLight === '{wanted}'")

    def open(self, name: str, kernel: bool = False) -> str:
        """Open a notebook, or come back to it; returns what names its panel in the page."""
        wants = {} if kernel else {"shouldStart": False, "canStart": False}
        self.do("docmanager:open", path=f"{name}.ipynb", factory="Notebook", kernelPreference=wants)
        shown = self.page.wait_for_function(_SHOWN, arg=f"{name}.ipynb")
        return f"[id='{shown.json_value()}']"

    def run_all(self) -> None:
        """Run all cells of the notebook in front, and wait for them."""
        kernel = "window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel"
        self.page.wait_for_function(f"{kernel}?.status === 'idle'")
        self.do("notebook:run-all-cells")


class Seen:
    """A drawing as it is seen: how many pixels have which colour, and what is written in it."""

    def __init__(self, pixels: np.ndarray, texts: list):
        packed = pixels.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)
        found, self._counts = np.unique(packed, return_counts=True)
        self._colours = np.stack([found >> 16, found >> 8 & 255, found & 255], axis=1).astype(int)
        self.texts = texts

    def share(self, colour: str, reach: int = 10) -> float:
        """The share of the pixels that are of a colour, within ``reach`` in each part."""
        near = np.abs(self._colours - _parts(colour)).max(axis=1) <= reach
        return self._counts[near].sum() / self._counts.sum()

    def faults(self, colours: dict[str, str]) -> list[str]:
        """What keeps it from being read, if its place has these colours."""
        ground = self._colours[self._counts.argmax()]
        found = [] if (ground == _parts(colours["paper"])).all() else [f"ground {ground}"]
        if (black := self.share("#000000", 4)) > 0.001:
            found.append(f"black {black:.1%}")
        shades = [c for name, c in colours.items() if name not in ("paper", "ink", "soft", "grid")]
        if (drawn := max(map(self.share, shades))) < 0.001:
            found.append(f"nothing drawn: {drawn:.2%}")
        faint = [(round(c, 1), words) for c, words in self.texts if c < 4.5]
        return found + [f"faint {faint[:3]}"] * bool(faint) + ["no text"] * (not self.texts)


def _parts(colour: str) -> np.ndarray:
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])


@contextmanager
def at_full_length(page, scrolled: str):
    """The window as high as what it scrolls: all is on one picture."""
    needed = page.evaluate(
        """scrolled => {
          const e = document.querySelector(scrolled);
          return Math.ceil(innerHeight + e.scrollHeight - e.clientHeight);
        }""",
        scrolled,
    )
    page.set_viewport_size({**VIEW, "height": max(needed, VIEW["height"])})
    # Lab lays its panels out when it has heard of it
    page.wait_for_function(
        "s => (e => e.scrollHeight <= e.clientHeight)(document.querySelector(s))", arg=scrolled
    )
    yield
    page.set_viewport_size(VIEW)


def drawings(page, within: str) -> list[Seen]:
    """The drawings of a page as they are seen, one after another."""
    selector = f"{within} figure.chart > svg.wide"
    return [_seen(page, selector, n) for n in range(page.locator(selector).count())]


def _seen(page, selector: str, n: int) -> Seen:
    box, texts = page.evaluate(_IN_SIGHT, [selector, n])
    inside = box["y"] >= 0 and box["y"] + box["height"] <= page.viewport_size["height"]
    assert inside, f"{selector} {n} is higher than the window"
    shot = Image.open(io.BytesIO(page.screenshot(clip=box)))
    return Seen(np.asarray(shot.convert("RGB")), texts)


def words(page, within: str) -> list:
    """Contrast and words of everything written in what our cells show but not in drawings."""
    return page.evaluate(_WORDS, within)


# the panel in front, once it shows all of ours that its notebook holds
_SHOWN = """path => {
  const panel = window.jupyterapp.shell.currentWidget;
  if (panel?.context?.path !== path || !panel.context.isReady) return false;
  const cells = [...panel.content.model.cells];
  const held = cells.flatMap(cell => cell.outputs?.toJSON() ?? []).filter(
    output => [output.data?.['text/html']].flat().join('').startsWith("<div class='reform'"));
  const shown = panel.node.querySelectorAll('.jp-OutputArea-output > .reform');
  return cells.length && shown.length >= held.length && panel.id;
}"""

_MEASURES = """
  const luminance = rgb => rgb.map(c => c / 255).map(c =>
    c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4
  ).reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
  const parse = text => {
    const n = text.match(/[\\d.]+/g).map(Number);
    return [n.slice(0, 3), n[3] ?? 1];
  };
  const over = ([top, alpha], under) => under.map((c, i) => alpha * top[i] + (1 - alpha) * c);
  const contrast = (ink, ground) => {
    const [a, b] = [luminance(ink), luminance(ground)].sort((x, y) => y - x);
    return (a + .05) / (b + .05);
  };
"""

TEXTS = (
    """drawings => {"""
    + _MEASURES
    + """
  const behind = element => {
    const box = element.getBoundingClientRect();
    const layers = document.elementsFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    let colour = [255, 255, 255];
    for (const layer of layers.reverse()) {
      const style = getComputedStyle(layer);
      if (layer === element || layer.contains(element) && layer.closest('g')) continue;
      if (layer.ownerSVGElement && layer.tagName !== 'text' && layer.tagName !== 'tspan') {
        if (style.fill.startsWith('rgb')) {
          const [rgb, alpha] = parse(style.fill);
          colour = over([rgb, alpha * style.fillOpacity * style.opacity], colour);
        }
      } else if (!layer.ownerSVGElement) colour = over(parse(style.backgroundColor), colour);
    }
    return colour;
  };
  return drawings.flatMap(drawing => [...drawing.querySelectorAll('text')])
    .filter(t => t.textContent.trim()).map(t => {
      const ground = behind(t), ink = over(parse(getComputedStyle(t).fill), ground);
      return [contrast(ink, ground), t.textContent.trim()];
    });
}"""
)
"""Contrast and words of each text of some drawings, against what lies behind it."""

_IN_SIGHT = f"""([selector, n]) => {{
  const drawing = document.querySelectorAll(selector)[n];
  drawing.scrollIntoView({{ block: 'center' }});
  const {{ x, y, width, height }} = drawing.getBoundingClientRect();
  return [{{ x, y, width, height }}, ({TEXTS})([drawing])];
}}"""

_WORDS = (
    """within => {"""
    + _MEASURES
    + """
  const found = [];
  for (const place of document.querySelectorAll(`${within} .reform`)) {
    const walk = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
    for (let node; node = walk.nextNode();) {
      const element = node.parentElement;
      if (!node.textContent.trim() || element.closest('svg, style')) continue;
      if (!element.checkVisibility()) continue;
      const layers = [];
      for (let e = element; e; e = e.parentElement) layers.unshift(e);
      const ground = layers.reduce(
        (under, e) => over(parse(getComputedStyle(e).backgroundColor), under), [255, 255, 255]);
      const ink = over(parse(getComputedStyle(element).color), ground);
      found.push([contrast(ink, ground), node.textContent.trim()]);
    }
  }
  return found;
}"""
)
