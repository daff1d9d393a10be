"""Weights of the pages of a built site: the heaviest, and what of each kind is over the limit.

    python benchmarks/weights.py [reports] [--most 15] [--limit 400] [--before OTHER]

``--before``: a folder with the same site built earlier, for a comparison page by page. Ends with 1
if a page is heavier than the limit (KB of 1,000 bytes).
"""

import argparse
import re
import sys
from pathlib import Path

PARTS = {
    "drawings": r"<svg\b.*?</svg>",
    "tables": r"<table\b.*?</table>",
    "images": r"data:image[^'\"]*",
}


def weigh(folder: Path) -> dict[str, int]:
    """Path within the folder → bytes, of every page."""
    return {p.relative_to(folder).as_posix(): p.stat().st_size for p in folder.rglob("*.html")}


def parts(page: Path) -> str:
    """How much of a page is what."""
    text = page.read_text(encoding="utf-8")
    held = {k: sum(len(m.encode()) for m in re.findall(p, text, re.S)) for k, p in PARTS.items()}
    return ", ".join(f"{name} {size / 1000:.0f}" for name, size in held.items())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("reports"))
    parser.add_argument("--most", type=int, default=15)
    parser.add_argument("--limit", type=float, default=400)
    parser.add_argument("--before", type=Path)
    asked = parser.parse_args()
    sizes = weigh(asked.folder)
    before = weigh(asked.before) if asked.before else {}
    heaviest = sorted(sizes, key=sizes.get, reverse=True)
    for page in heaviest[: asked.most]:
        was = f"{before[page] / 1000:7.0f} →" if page in before else ""
        print(f"{was}{sizes[page] / 1000:7.0f} KB  {page}  ({parts(asked.folder / page)})")
    shared = sizes.keys() & before.keys()
    if shared:
        old, new = (sum(held[p] for p in shared) for held in (before, sizes))
        print(f"{len(shared)} pages in both: {old / 1000:,.0f} → {new / 1000:,.0f} KB")
    over = [page for page in heaviest if sizes[page] > 1000 * asked.limit]
    print(f"{len(sizes)} pages, {len(over)} over {asked.limit:.0f} KB")
    return bool(over)


if __name__ == "__main__":
    sys.exit(main())
