"""All files of a questionnaire: for phones, paper and Excel, and the codebook."""

import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from analysis.catalogue import dated
from analysis.catalogue.catalogue import Catalogue
from analysis.catalogue.plans import EditionPlan
from analysis.exchange import office_csv
from analysis.exchange.blank_forms import free_names
from analysis.storage import files
from analysis.survey import codebook, entry_sheet, paper, questionnaire, xlsform
from analysis.survey.questionnaire import Text


def made(survey: dict, catalogue: Catalogue, plan: EditionPlan | None) -> dict[str, bytes]:
    """Name → content of the files of a survey, or of one edition of it (``plan``).

    Provinces and groups of procedures are those of the edition, else of today.
    """
    edition = plan.edition if plan else None
    held = questionnaire.sections(survey, lists(catalogue, plan), edition)
    code = plan.code if plan else survey["survey"]
    title = f"{survey['title']['vi']} {edition or ''}".strip()
    books = {lang: codebook.table(survey, held, catalogue.rules, lang) for lang in ("vi", "en")}
    return {
        f"{code}_xlsform.xlsx": xlsform.workbook(survey, held, catalogue.rules, edition),
        f"{code}_phieu.html": paper.html(title, held).encode(),
        f"{code}_phieu.xlsx": entry_sheet.workbook(survey, held, catalogue.rules),
        f"{code}_bang_ma.csv": office_csv.csv(books["vi"]),
        f"{code}_codebook.csv": office_csv.csv(books["en"], "en"),
        f"{code}_bang_ma.html": codebook.html(f"{title}: bảng mã", books["vi"], "vi").encode(),
        f"{code}_codebook.html": codebook.html(f"{title}: codebook", books["en"], "en").encode(),
    }


def lists(catalogue: Catalogue, plan: EditionPlan | None) -> Mapping[str, Mapping[str, Text]]:
    """Code → label of what is chosen from a list of the catalogue, by kind."""
    day = plan.units_on if plan else date.today()
    units = catalogue.units_on(day)
    held = units[units["code"].isin(catalogue.regions.index)]
    groups = catalogue.procedure_groups
    if plan:
        groups = groups[dated.in_edition(groups, plan.edition)]
    else:
        groups = groups[groups["valid_to_edition"] == ""]
    return {
        "province": _labels(held.set_index("code")),
        "procedure_group": _labels(groups),
    }


def _labels(table) -> dict[str, Text]:
    return {
        code: {"vi": vi, "en": en}
        for code, vi, en in zip(table.index, table["name_vi"], table["name_en"], strict=True)
    }


def write(folder: Path, held: dict[str, bytes], again: bool = False) -> list[Path]:
    """Write the files; what lies in the folder stays, and nothing is written beside it unless
    ``again``: then new names get a number.

    Raises
    ------
    analysis.exchange.blank_forms.NotHereError
        if names are taken, or ``folder`` is none; nothing was written.
    OSError
    """
    names = free_names(folder, list(held), again)
    os.makedirs(folder, exist_ok=True)
    paths = [folder / name for name in names]
    for path, data in zip(paths, held.values(), strict=True):
        files.write(path, data)
    return paths
