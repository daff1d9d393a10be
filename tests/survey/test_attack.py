"""Attacks on hidden cells of the shipped survey: by differences, by identities, by what one firm
knows of itself, by reading all that is published. The attacker knows the method, every weight and
every figure that is shown."""

import io
import itertools
import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from analysis import project
from analysis.lineage import store
from analysis.site import building, planning, share
from analysis.survey import disclosure, editions

EDITIONS = ["2020", "2022"]
KEY = ["procedure_group", "domain", "category", "measure", "statistic"]
CLOSE = 0.10
"""A hidden mean is recovered where it is found within so much of itself."""


@pytest.fixture(scope="module", params=EDITIONS)
def held(request):
    return editions.load(request.param)


def hidden_cells(estimates: pd.DataFrame) -> pd.DataFrame:
    return estimates[(estimates["obs_status"] == "Q") & (estimates["statistic"] == "mean")]


def secret_cells(estimates: pd.DataFrame) -> pd.DataFrame:
    """Cells that are hidden for their own sake; others may follow from what is shown."""
    return hidden_cells(estimates)[lambda t: t["hidden"] == "primary"]


def truth(answers: pd.DataFrame, cell: tuple, measure: str) -> tuple[float, float]:
    """The mean of a cell, and the sum of its weights."""
    group, domain, category = cell
    own = answers[answers["procedure_group"] == group]
    own = own if domain == "_T" else own[own[domain] == category]
    own = own[own[measure].notna()]
    weights = own["design_weight"].sum()
    return float(np.average(own[measure], weights=own["design_weight"])), float(weights)


def bounds(total: float, whole: float, shown: list, hidden: list[float], wanted: int) -> tuple:
    """Least and greatest mean that one hidden cell can have, by what is shown of its line.

    ``total``: mean of the whole, ``whole``: its weight, ``shown``: mean and weight of shown cells,
    ``hidden``: weights of hidden ones.
    """
    left = total * whole - sum(mean * weight for mean, weight in shown)
    aim = np.eye(len(hidden))[wanted]
    solved = [
        linprog(sign * aim, A_eq=[hidden], b_eq=[left], bounds=[(0, None)] * len(hidden))
        for sign in (1, -1)
    ]
    return tuple(
        sign * s.fun if s.success else np.nan for sign, s in zip((1, -1), solved, strict=True)
    )


def recovered_by_difference(estimates: pd.DataFrame, answers: pd.DataFrame) -> list:
    """Hidden means that totals less shown cells leave within CLOSE of what they are."""
    found = []
    means = estimates[estimates["statistic"] == "mean"].set_index(
        ["procedure_group", "domain", "category", "measure"]
    )
    for row in secret_cells(estimates).itertuples():
        group, domain, measure = row.procedure_group, row.domain, row.measure
        line = means.xs((group, domain, measure), level=[0, 1, 3])
        line = line[line["respondents"] > 0]
        known = {c: truth(answers, (group, domain, c), measure) for c in line.index}
        hidden = [c for c in line.index if line.loc[c, "obs_status"] == "Q"]
        shown = [(line.loc[c, "estimate"], known[c][1]) for c in line.index if c not in hidden]
        total = means.loc[(group, "_T", "_T", measure), "estimate"]
        if pd.isna(total):  # hidden itself: there is nothing to subtract from
            continue
        whole = truth(answers, (group, "_T", "_T"), measure)[1]
        at = hidden.index(row.category)
        low, high = bounds(total, whole, shown, [known[c][1] for c in hidden], at)
        true = known[row.category][0]
        if low > (1 - CLOSE) * true and high < (1 + CLOSE) * true:
            found.append((group, domain, row.category, measure))
    return found


def recovered_by_identity(estimates: pd.DataFrame, answers: pd.DataFrame) -> list:
    """Hidden costs of an agent that the whole cost less time and direct cost leave, by shown means
    and how many answered, or by the share that is outsourced."""
    found = []
    cell = ["procedure_group", "domain", "category"]
    means = estimates[estimates["statistic"] == "mean"].set_index(cell)
    for row in secret_cells(estimates).itertuples():
        if row.measure != "outsourced_cost":
            continue
        key = (row.procedure_group, row.domain, row.category)
        own = means.loc[[key]].set_index("measure")
        mean, n = own["estimate"], own["respondents"]
        parts = sum(mean[m] * n[m] for m in ("time_cost", "direct_cost"))
        guesses = [(mean["compliance_cost"] * n["compliance_cost"] - parts) / row.respondents]
        share = mean["outsourced"] / 100
        rest = (1 - share) * (mean["time_cost"] + mean["direct_cost"])
        guesses.append((mean["compliance_cost"] - rest) / share if share else np.nan)
        true = truth(answers, key, row.measure)[0]
        if any(abs(guess / true - 1) < CLOSE for guess in guesses):
            found.append(key)
    return found


def test_no_hidden_mean_is_recovered_by_difference(held, monkeypatch):
    estimates, answers = held.tables.estimates, held.tables.answers
    estimates = estimates[estimates["statistic"] != "standardised_ratio"]
    assert len(secret_cells(estimates)) > 8
    assert recovered_by_difference(estimates, answers) == []
    people = estimates["respondents"]
    shown = estimates.assign(estimate=_unhidden(estimates, answers))
    alone = disclosure.suppress(shown, 5)
    alone.loc[people == 0, "obs_status"] = "O"
    assert recovered_by_difference(alone, answers), "the attack must work where there is no guard"


def test_no_hidden_cost_is_recovered_from_the_cost_that_it_is_part_of(held):
    estimates, answers = held.tables.estimates, held.tables.answers
    assert recovered_by_identity(estimates, answers) == []
    whole = (estimates["measure"] != "outsourced_cost") & (estimates["statistic"] == "mean")
    shown = estimates.assign(
        estimate=estimates["estimate"].mask(whole, _unhidden(estimates, answers))
    )
    assert recovered_by_identity(shown, answers), "the attack must work where there is no guard"


def _unhidden(estimates: pd.DataFrame, answers: pd.DataFrame) -> pd.Series:
    """The estimates with hidden means as they are."""
    found = estimates["estimate"].copy()
    for row in hidden_cells(estimates).itertuples():
        cell = (row.procedure_group, row.domain, row.category)
        found[row.Index] = truth(answers, cell, row.measure)[0]
    return found


# --- what a firm knows of itself -----------------------------------------------------------------


def of_cells(answers: pd.DataFrame) -> dict[tuple, pd.DataFrame]:
    """Procedure group, domain, category → the answers of the cell."""
    found = {(group, "_T", "_T"): own for group, own in answers.groupby("procedure_group")}
    for domain in ("key_region", "region", "firm_size"):
        for (group, category), own in answers.groupby(["procedure_group", domain]):
            found[group, domain, category] = own
    for province, own in answers.groupby("province"):
        found["_T", "province", province] = own
    return found


AMOUNTS = ["hours", "visits", "direct_cost", "time_cost", "outsourced_cost", "compliance_cost"]


def dominated(estimates: pd.DataFrame, answers: pd.DataFrame) -> list:
    """Shown cells, of provinces too, whose second firm finds the largest weighted amount within
    10 % (the p % rule, Hundepool et al. 2012, ch. 4.2.2)."""
    shown = estimates[estimates["obs_status"].eq("A") & estimates["measure"].isin(AMOUNTS)]
    cells, learnt = of_cells(answers), []
    for row in shown[shown["statistic"] != "median"].itertuples():
        own = cells[row.procedure_group, row.domain, row.category]
        sums = (own[row.measure] * own["design_weight"]).groupby(own["response"]).sum()
        largest, second = sums.nlargest(2)
        if sums.sum() - largest - second < 0.10 * largest:
            learnt.append((row.procedure_group, row.category, row.measure))
    return learnt


def test_the_second_largest_firm_of_a_cell_does_not_learn_what_the_largest_pays(held):
    estimates = held.tables.estimates
    assert set(estimates["domain"]) == {"_T", "key_region", "region", "firm_size", "province"}
    assert dominated(estimates, held.tables.answers) == []
    gone = held.tables.suppressed
    assert (gone["reason"] == "dominated").any()
    cells = pd.MultiIndex.from_frame(gone.loc[gone["reason"] == "dominated", KEY])
    bare = estimates.assign(obs_status=estimates["obs_status"].mask(
        pd.MultiIndex.from_frame(estimates[KEY]).isin(cells), "A"))  # fmt: skip
    assert dominated(bare, held.tables.answers), "the attack must work where there is no guard"


def left_over(estimates: pd.DataFrame, answers: pd.DataFrame, minimum: int = 5) -> list:
    """Unions of shown cells of one domain that differ from those of another by too few firms."""
    found = []
    means = estimates[(estimates["obs_status"] == "A") & (estimates["statistic"] == "mean")]
    domains = ["_T", "key_region", "region", "firm_size"]
    for (group, measure), own in means.groupby(["procedure_group", "measure"]):
        firms = answers[(answers["procedure_group"] == group) & answers[measure].notna()]
        sets = {}
        for domain in domains:
            codes = sorted(own.loc[own["domain"] == domain, "category"])
            place = pd.Series("_T", index=firms.index) if domain == "_T" else firms[domain]
            inside = np.array([place == code for code in codes], dtype=float)
            chosen = np.array(list(itertools.product([0.0, 1.0], repeat=len(codes))))[1:]
            sets[domain] = chosen @ inside if len(codes) else np.zeros((0, len(firms)))
        for a, b in itertools.combinations(domains, 2):
            one, other = sets[a], sets[b]
            apart = one.sum(axis=1)[:, None] + other.sum(axis=1) - 2 * one @ other.T
            found += [(group, measure, a, b)] * int(((apart > 0) & (apart < minimum)).sum())
    return found


def test_no_difference_of_unions_of_shown_cells_is_of_too_few(held):
    """south_key is southeast but for a few firms of two provinces."""
    estimates, answers = held.tables.estimates, held.tables.answers
    assert left_over(estimates, answers) == []
    alone = estimates.assign(
        obs_status=np.select([estimates["respondents"] == 0, estimates["respondents"] < 5],
                             ["O", "Q"], "A"))  # fmt: skip
    assert len(left_over(alone, answers)) > 30, "the attack must work where there is no guard"


def test_no_interval_ends_at_what_the_cheapest_or_the_dearest_firm_answered(held):
    estimates, cells = held.tables.estimates, of_cells(held.tables.answers)
    medians = estimates[(estimates["statistic"] == "median") & (estimates["obs_status"] == "A")]
    found = []
    for row in medians.itertuples():
        own = cells[row.procedure_group, row.domain, row.category][row.measure]
        low, high = own.min(), own.max()
        # an open end must not follow from the standard error either: it is the width ÷ 2t
        told = pd.notna(row.standard_error) and (pd.isna(row.ci_low) or pd.isna(row.ci_high))
        if row.ci_low <= low or row.ci_high >= high or told:
            found.append((row.procedure_group, row.category, row.measure))
    assert found == []
    assert medians["ci_high"].isna().any(), "some cells are that small"


def test_no_other_table_tells_a_hidden_cell(held):
    """A score on fixed goalposts is the estimate on another scale."""
    cell = ["procedure_group", "domain", "category", "measure", "statistic"]
    hidden = pd.MultiIndex.from_frame(
        held.tables.estimates.loc[held.tables.estimates["obs_status"] == "Q", cell]
    )
    found = {}
    for field in fields(held.tables._kind):
        table = getattr(held.tables, field.name)
        if set(cell) <= set(table):
            own = table[pd.MultiIndex.from_frame(table[cell]).isin(hidden)]
            known = [*disclosure.HIDDEN, "score", "score_low", "score_high"]
            told = own[[c for c in known if c in own]].notna().any(axis=1)
            found[field.name] = (len(own), int(told.sum()))
    assert found["scores"][0] > 1 and {told for _, told in found.values()} == {0}


# --- all that is published -----------------------------------------------------------------------

KEPT = {
    "answers": ["response", "design_weight"],
    "records": ["state"],
    "issues": ["rule", "severity", "source_file", "state"],
}
"""Tables of single answers, and the columns of which pages show counts (or the range of weights,
which are those of a stratum)."""


def of_others(tables: editions.Tables, draw: np.random.Generator) -> editions.Tables:
    """The same tables, had every firm answered something else and had another number."""
    held = {f.name: getattr(tables, f.name) for f in fields(editions.Tables)}
    for name, kept in KEPT.items():
        held[name] = held[name].copy()
        for column in sorted(set(held[name]) - set(kept)):
            values = held[name][column]
            if pd.api.types.is_bool_dtype(values):
                held[name][column] = ~values
            elif pd.api.types.is_numeric_dtype(values):
                drawn = draw.integers(10**6, 10**7, len(values))
                held[name][column] = drawn.astype(values.dtype)
            elif not pd.api.types.is_datetime64_any_dtype(values):
                held[name][column] = [f"other {n}" for n in draw.permutation(len(values))]
    ids = held["answers"]["response"]
    held["answers"]["response"] = "firm " + pd.Series(pd.factorize(ids)[0]).astype(str)
    return editions.Tables(**held)


def published(root: Path, tables: dict[str, object]) -> dict[str, bytes]:
    """All that a build from these tables leaves beside and in reports: pages, workbooks, search,
    receipt, archives; and what is in the outputs of executed notebooks."""
    place = project.Place(root)
    loaded = editions.load("2022", root=root)
    marks = {Path(folder).name: mark for folder, mark in editions.marks(loaded).items()}
    for code, own in tables.items():
        shutil.rmtree(place.derived(code) / marks[code])
        store.save(own, place.derived(code), marks[code])
    loaded = editions.load("2022", root=root)
    editions.send_back(loaded)
    built = building.build(loaded, planned=planning.plan(loaded, force=True), workers=1)
    assert {r.status for r in built.results} == {"ok"}
    for name, public in (("all.zip", False), ("public.zip", True)):
        share.archive(loaded, place.reports / name, public)
    held = [p for p in place.reports.rglob("*") if p.is_file() and "templates" not in p.parts]
    found = {p.relative_to(root).as_posix(): p.read_bytes() for p in held}
    for path in place.derived("apci-2022-notebooks").glob("*.ipynb"):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        outputs = [cell.get("outputs") for cell in cells]
        found[path.name] = json.dumps(outputs, ensure_ascii=False).encode()
    return found


@pytest.fixture(scope="module")
def worlds(tmp_path_factory, in_this_process):
    """What is published of the survey as it was answered, and had all firms answered otherwise but
    the published tables been the same; with the tables themselves."""
    root = tmp_path_factory.mktemp("worlds")
    for name in ("data/catalogue", "data/reference", "data/survey", "notebooks"):
        shutil.copytree(project.PROJECT / name, root / name)
    shutil.copytree(project.PROJECT / "reports/templates", root / "reports/templates")
    shutil.copy(project.PROJECT / "reports/site.yml", root / "reports/site.yml")
    true, draw = {}, np.random.default_rng(8)
    for edition in EDITIONS:
        code, tables = f"apci-{edition}", editions.load(edition).tables
        shutil.copytree(project.Place().derived(code), root / "data/derived" / code)
        true[code] = editions.Tables(
            **{f.name: getattr(tables, f.name) for f in fields(editions.Tables)}
        )
    other = {code: of_others(tables, draw) for code, tables in true.items()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "1790000000")
        return true, published(root, true), published(root, other)


def test_what_is_published_follows_from_the_published_tables_alone(worlds):
    """No page, drawing, download, archive, receipt or executed notebook is other than it would be
    had every firm answered otherwise: nothing of an answer, nor of a hidden cell, is in it."""
    _, seen, had_they = worlds
    assert len(seen) > 15 and {Path(name).suffix for name in seen} >= {".html", ".xlsx", ".zip"}
    assert [
        name for name in seen.keys() | had_they.keys() if seen.get(name) != had_they.get(name)
    ] == []


_SAID = re.compile(r">([^<]+)<|(?:title|aria-label|data-[a-z-]+|alt)=\"([^\"]*)\"")
_NUMBER = re.compile(r"\d(?:[\d.,\u00a0\u202f]*\d)?")


def texts(name: str, data: bytes) -> Iterator[str]:
    """What a reader, a program or a search can read in a file, packed ones unpacked."""
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as held:
            for inner in held.namelist():
                yield from texts(inner, held.read(inner))
    elif not name.endswith((".png", ".woff2")):
        text = data.decode("utf-8")
        if name.endswith(".html"):
            text = re.sub(r"(?s)<(script|style)\b.*?</\1>", "", text)
        if name.endswith((".html", ".xml")):
            text = "\n".join(a or b for a, b in _SAID.findall(text))
        yield text


def digits(value: float | str) -> str:
    """The significant digits of a number however it is written: 12345 of 1.234,50, of 0.0012345."""
    return re.sub(r"\D", "", str(value)).strip("0")


def test_no_artefact_holds_an_amount_that_a_firm_stated_or_the_mean_of_a_hidden_cell(worlds):
    true, seen, _ = worlds
    told = {digits(n) for name, data in seen.items() for t in texts(name, data)
            for n in _NUMBER.findall(t)}  # fmt: skip
    assert len(told) > 500
    secret = set()
    for tables in true.values():
        answers = tables.answers
        amounts = ["outsourced_cost", "fees", "direct_cost", "own_cost", "compliance_cost", "hours"]
        for amount in amounts:
            secret |= {digits(f"{v:.2f}") for v in answers[amount].dropna()}
        for row in hidden_cells(tables.estimates).itertuples():
            mean, _ = truth(answers, (row.procedure_group, row.domain, row.category), row.measure)
            secret |= {digits(f"{mean:.{n}e}".partition("e")[0]) for n in range(5, 12)}
    # five digits and fewer are those of other numbers too
    assert len({n for n in secret if len(n) > 5}) > 5000
    assert {n for n in told & secret if len(n) > 5} == set()
