"""Which code makes the pages of a project: its version, and the digest of what makes them."""

import subprocess
from importlib import metadata
from pathlib import Path

from analysis.batch import incremental
from analysis.language.languages import LOCALE
from analysis.lineage import cells, imports
from analysis.render import report
from analysis.storage import files


def digest(root: Path) -> str:
    """Digest of what makes pages: modules, their translations, notebooks, templates, site.yml."""
    held = [*LOCALE.glob("*.po"), root / "reports" / "site.yml"]
    parts = [(path.name, files.sha256(path)) for path in held]
    for path in (root / "notebooks").glob("*.ipynb"):
        parts.append((path.name, cells.digest(path) + cells.parameters(path)))
    parts.sort()
    code = imports.digest(imports.modules())
    return incremental.digest(code, parts, incremental.template(report.TEMPLATES))


def version(root: Path) -> str:
    """Version of the package, and the commit of the project where it is one of git."""
    version = metadata.version("reform-monitor")
    try:
        command = ["git", "-C", str(root), "rev-parse", "--short=12", "HEAD"]
        commit = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
        return f"{version}+{commit.stdout.strip()}"
    except (OSError, subprocess.SubprocessError):
        return version
