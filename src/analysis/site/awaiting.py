"""Which forms a page rests on, and what of them is not here yet."""

from collections.abc import Callable, Mapping

from analysis.batch.pages import Page
from analysis.period import Loaded
from analysis.topics import awaited

_OF_ALL = {"values", "planned"}
_OF_MAIN = {"scores", "ranking", "revised", "earlier"}
"""What a page is declared to need, and thereby whether it rests on all forms of its period or on
those of the main framework."""


def on_pages(loaded: Loaded, declared: Mapping[str, dict]) -> Callable[[Page], list[str]]:
    """From a page to what it says of forms that are not here yet; ``declared``: the pages of
    ``site.yml``. Pages that show published figures, or who has sent what, say nothing of it."""
    plan, lacking = loaded.plan, awaited.forms(loaded.tables, loaded.plan, loaded.catalogue)

    def said(page: Page) -> list[str]:
        if lacking.empty or page.synthetic is False:
            return []
        if page.unit:
            return awaited.of_unit(lacking, plan, page.unit)
        return awaited.told(lacking, plan, _forms(page, loaded, declared))

    return said


def _forms(page: Page, loaded: Loaded, declared: Mapping[str, dict]) -> list[str]:
    framework = page.parameters.get("framework", "")
    needs = declared.get(page.code, {"needs": ()})["needs"]
    forms = [need.removeprefix("form:") for need in needs if need.startswith("form:")]
    if framework or _OF_MAIN & set(needs):
        chosen = framework or loaded.framework()["framework"]
        forms += awaited.feeding(loaded.catalogue, loaded.plan, chosen)
    return loaded.plan.forms if _OF_ALL & set(needs) else forms
